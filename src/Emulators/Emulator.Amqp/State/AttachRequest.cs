using System.Diagnostics.CodeAnalysis;
using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>A peer's wish for a link, answered once, now or later, from any thread.</summary>
public sealed class AttachRequest
{
    private readonly AmqpLink _link;
    private bool _taken;

    internal AttachRequest(AmqpLink link, Attach attach)
    {
        _link = link;
        Attach = attach;
    }

    /// <summary>The session it came on.</summary>
    public AmqpSession Session => _link.Session;

    /// <summary>The peer's attach frame.</summary>
    public Attach Attach { get; }

    /// <summary>False once accepted, refused or abandoned.</summary>
    public bool IsPending => !_taken;

    /// <summary>For the handler's own use.</summary>
    public object? Context { get; set; }

    internal bool IsAbandoned { get; private set; }

    internal bool WasRefused { get; private set; }

    /// <summary>Accepts a peer that receives (Attach.IsReceiver): we send.</summary>
    /// <param name="handler">Gets the link's events, the first possibly before this returns.</param>
    /// <param name="reply">What to answer.</param>
    /// <param name="link">The link. It may already have credit, or a drain asked for:
    /// try to send after accepting, no event tells of what came before.</param>
    /// <returns>False when the request is no longer pending.</returns>
    /// <exception cref="InvalidOperationException">The peer is a sender.</exception>
    public bool TryAcceptReceiver(ISendingLinkHandler handler, AttachReply reply, [NotNullWhen(true)] out SendingLink? link)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(reply);
        link = _link as SendingLink ?? throw new InvalidOperationException("The peer is a sender: use TryAcceptSender.");
        lock (_link.Gate)
        {
            if (!TryTakeOpen())
            {
                link = null;
                return false;
            }

            link.Handler = handler;
            WriteReply(reply);
            return true;
        }
    }

    /// <summary>Accepts a peer that sends: we receive, and give the credit of the reply.</summary>
    /// <returns>False when the request is no longer pending.</returns>
    /// <exception cref="InvalidOperationException">The peer is a receiver.</exception>
    public bool TryAcceptSender(IReceivingLinkHandler handler, AttachReply reply, [NotNullWhen(true)] out ReceivingLink? link)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentNullException.ThrowIfNull(reply);
        link = _link as ReceivingLink ?? throw new InvalidOperationException("The peer is a receiver: use TryAcceptReceiver.");
        lock (_link.Gate)
        {
            if (!TryTakeOpen())
            {
                link = null;
                return false;
            }

            link.Handler = handler;
            link.SetMaxMessageSize(reply.MaxMessageSize);
            WriteReply(reply);
            link.CountFrom(Attach);
            link.OpenCredit(reply.CreditWindow);
            return true;
        }
    }

    /// <summary>Refuses: attach with null source and target, and detach with the error, in one write.</summary>
    /// <returns>False when the request is no longer pending.</returns>
    public bool TryRefuse(AmqpError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        lock (_link.Gate)
        {
            if (!TryTakeOpen())
            {
                return false;
            }

            WasRefused = true;
            Session.Attached.TakeLocalHandle(_link);
            _link.WriteRefusal();
            _link.WriteDetach(error);
            return true;
        }
    }

    /// <summary>Abandons the request; true when it was pending. Gate held, or read loop after the link left the tables.</summary>
    internal bool TryTake()
    {
        if (_taken)
        {
            return false;
        }

        _taken = true;
        IsAbandoned = true;
        return true;
    }

    private bool TryTakeOpen()
    {
        if (_taken || _link.IsGone || Session.IsEnding || Session.Connection.State != AmqpConnection.Phase.Open)
        {
            return false;
        }

        _taken = true;
        return true;
    }

    private void WriteReply(AttachReply reply)
    {
        Session.Attached.TakeLocalHandle(_link);
        _link.WriteAttach(new Attach
        {
            Name = Attach.Name,
            Handle = _link.LocalHandle!.Value,
            IsReceiver = !Attach.IsReceiver,
            SndSettleMode = Attach.SndSettleMode,
            RcvSettleMode = Attach.RcvSettleMode,
            Source = reply.Source ?? Attach.Source ?? new Source(),
            Target = reply.Target ?? Attach.Target ?? new Target(),
            InitialDeliveryCount = Attach.IsReceiver ? 0u : null,
            MaxMessageSize = (ulong)(reply.MaxMessageSize ?? Session.Connection.Options.MaxMessageSize),
            Properties = reply.Properties,
        });
        Session.Connection.Output.Wake();
    }
}
