using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// A session receiver's attach: answered at once for a named session; held for the next available one until there is one, the client's
/// timeout passes, or the client goes away.
/// </summary>
internal sealed class SessionAttach
{
    public const string Filter = "com.microsoft:session-filter";
    private const string TimeoutProperty = "com.microsoft:timeout";
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    // JS gives up only 20 to 120 ms after the time it states, so the refusal leaves a little before.
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(10);

    private readonly AttachRequest _request;
    private readonly EntityNode _node;
    private readonly MessageStore _store;
    private readonly ReceiverLink _link;
    private readonly BrokerContext _context;

    private SessionAttach(AttachRequest request, EntityNode node, ReceiverLink link, BrokerContext context)
    {
        _request = request;
        _node = node;
        _store = node.Store!;
        _link = link;
        _context = context;
    }

    /// <summary>Whether an attach asks for a session, and which; null for the next available one.</summary>
    public static bool TryReadFilter(Attach attach, out string? sessionId)
    {
        sessionId = null;
        if (attach.Source?.Filter?.TryGetText(Filter, out var value) != true) return false;
        sessionId = (value is AmqpDescribed described ? described.Value : value) as string;
        return true;
    }

    /// <summary>Answers the request now or later.</summary>
    /// <returns>A refusal to send, or null.</returns>
    /// <param name="request">The request.</param>
    /// <param name="node">An entity with sessions.</param>
    /// <param name="sessionId">Null for the next available one.</param>
    /// <param name="link">Will send the session's messages.</param>
    /// <param name="mode">How it receives.</param>
    /// <param name="context">The broker's.</param>
    public static AmqpError? Accept(
        AttachRequest request, EntityNode node, string? sessionId, ReceiverLink link, ReceiveMode mode, BrokerContext context)
    {
        var attach = new SessionAttach(request, node, link, context);
        if (sessionId is null)
        {
            attach.Wait(mode);
            return null;
        }

        if (MessageLimits.CheckSessionId(sessionId) is { } tooLong) return tooLong;
        if (node.Store!.Sessions!.Accept(sessionId, link, mode) is not { } receiver)
        {
            return new AmqpError(
                ServiceBusCondition.SessionCannotBeLocked,
                $"The requested session '{sessionId}' cannot be accepted. It may be locked by another receiver.");
        }

        attach.Open(receiver);
        return null;
    }

    /// <summary>The client is no longer interested.</summary>
    public static void Abandon(AttachRequest request) => (request.Context as Action)?.Invoke();

    private void Wait(ReceiveMode mode)
    {
        var timeout = _request.Attach.Properties?.TryGetInteger(TimeoutProperty, out var milliseconds) == true && milliseconds is > 0 and <= int.MaxValue
            ? TimeSpan.FromMilliseconds(milliseconds)
            : DefaultTimeout;
        ITimer? timer = null;
        EntityGuest? guest = null;

        // Granted under the store's gate: the answer goes out from elsewhere.
        var waiter = new SessionWaiter(_link, mode, receiver => ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                timer?.Dispose();
                guest?.Leave();
                Open(receiver);
            },
            null));
        void Evict(EntityFault fault)
        {
            if (_store.Sessions!.Cancel(waiter)) _request.TryRefuse(ServiceBusCondition.Ended(fault, _request.Session, _node.Path));
        }

        _request.Context = () =>
        {
            timer?.Dispose();
            guest?.Leave();
            _store.Sessions!.Cancel(waiter);
        };
        timer = _context.TransportTime.CreateTimer(
            _ =>
            {
                guest?.Leave();
                TimeOut(waiter);
            },
            null, timeout > Margin ? timeout - Margin : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        guest = _node.Owner.Life.Enter(EntityUse.Receive, Evict);
        _store.Sessions!.AcceptNext(waiter);

        // Deleted between finding it and waiting on it: nobody else will say so.
        if (_node.Owner.Life.IsDeleted) Evict(EntityFault.EntityNotFound);
        if (!_request.IsPending) Abandon(_request);
    }

    private void TimeOut(SessionWaiter waiter)
    {
        if (!_store.Sessions!.Cancel(waiter)) return;
        _request.TryRefuse(new AmqpError(ServiceBusCondition.Timeout, "No session became available within the time given."));
    }

    private void Open(MessageReceiver receiver)
    {
        var session = receiver.Session;
        _link.Bind(receiver);
        if (session is not null && _request.TryAcceptReceiver(_link, Reply(session), out var link))
        {
            _link.Enter(link, _node.Owner.Life, fault => ServiceBusCondition.Ended(fault, link.Session, _node.Path));
            _link.Start(link);
            _node.Owner.Origin.AccessedAt = _context.Time.GetUtcNow();
        }
        else
        {
            receiver.Close();
        }
    }

    private AttachReply Reply(Session session) => new()
    {
        MaxMessageSize = MessageLimits.MaxDeliveredBytes(_context.MaxMessageBytes),
        Source = _request.Attach.Source! with { Filter = new AmqpMap { { new AmqpSymbol(Filter), session.Id } } },

        // .NET ticks as a long; a timestamp would not be read.
        Properties = new AmqpMap { { new AmqpSymbol("com.microsoft:locked-until-utc"), session.Lock.Until.UtcTicks } },
    };
}
