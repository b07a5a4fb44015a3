using System.Buffers.Binary;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;

namespace Relay.Testing.Amqp;

/// <summary>
/// Sends messages and waits for their outcome. Members may be called from any thread; sends keep the order in which they were called.
/// </summary>
public sealed class AmqpSender : IAsyncDisposable
{
    // Guards _waiting, _unanswered and the order of sends. Taken before the connection's gate, never the other way round. No await inside.
    private readonly Lock _gate = new();
    private readonly Queue<PendingSend> _waiting = [];
    private readonly HashSet<PendingSend> _unanswered = [];
    private readonly LinkEvents _events;
    private SendingLink _link = null!;
    private uint _tag;

    internal AmqpSender(bool ownsSession)
    {
        Life = new LinkLife(ownsSession);
        _events = new LinkEvents(this);
    }

    /// <summary>The link beneath.</summary>
    public SendingLink Link => _link;

    /// <summary>Completes, never faults, when the link is gone: the peer's error, or null after an orderly detach.</summary>
    public Task<AmqpError?> Closed => Life.Closed;

    /// <summary>Largest message the peer takes, in bytes; <see cref="long.MaxValue"/> when it has no limit.</summary>
    public long MaxMessageSize => Link.RemoteMaxMessageSize;

    internal LinkLife Life { get; }

    /// <summary>Sends one message, waiting for credit first, and returns the peer's final state.</summary>
    /// <param name="payload">Encoded sections; must not change until the task completes.</param>
    /// <param name="messageFormat">0, or 0x80013700 for a batch.</param>
    /// <param name="state">State to send along, such as a <see cref="TransactionalState"/>; null is none.</param>
    /// <param name="cancellationToken">Ends the wait. A message already on the wire may still be accepted.</param>
    /// <exception cref="AmqpException">The link went away before the outcome came,
    /// or the message is larger than <see cref="MaxMessageSize"/>.</exception>
    public Task<DeliveryState> SendAsync(
        ReadOnlyMemory<byte> payload, uint messageFormat, DeliveryState? state, CancellationToken cancellationToken) =>
        SendAsync(new PendingSend(payload, messageFormat, state, settled: false), cancellationToken);

    /// <summary>Sends one message settled; completes when the library took it.</summary>
    /// <exception cref="AmqpException">The link is gone, or the message is too large.</exception>
    public Task SendSettledAsync(ReadOnlyMemory<byte> payload, uint messageFormat, CancellationToken cancellationToken) =>
        SendSettledAsync(payload, messageFormat, null, cancellationToken);

    /// <summary>Detaches, and ends the session if it is the sender's own.</summary>
    public Task CloseAsync(CancellationToken cancellationToken) => Life.CloseAsync(cancellationToken);

    /// <summary>Closes as <see cref="CloseAsync"/> does, waiting at most the close timeout.</summary>
    public ValueTask DisposeAsync() => Life.DisposeAsync();

    internal Task SendSettledAsync(
        ReadOnlyMemory<byte> payload, uint messageFormat, DeliveryState? state, CancellationToken cancellationToken) =>
        SendAsync(new PendingSend(payload, messageFormat, state, settled: true), cancellationToken);

    internal void Attach(AmqpSession session, AmqpSenderOptions options)
    {
        // Events may come before AttachSender returns.
        lock (_gate)
        {
            var link = session.AttachSender(
                new Attach
                {
                    Name = options.Name ?? LinkLife.NewName(),
                    SndSettleMode = options.SndSettleMode,
                    Source = options.Source ?? new Source(),
                    Target = options.Target,
                    Properties = options.Properties,
                },
                _events,
                _ => Life.OnOpened());
            Life.Attached(link);
            _link = link!;
        }
    }

    private async Task<DeliveryState> SendAsync(PendingSend send, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_waiting.Count > 0 || !TrySend(send))
            {
                _waiting.Enqueue(send);
            }
        }

        if (!cancellationToken.CanBeCanceled)
        {
            return await send.Task.ConfigureAwait(false);
        }

        using var registration = cancellationToken.UnsafeRegister(
            static (pending, token) => ((PendingSend)pending!).TrySetCanceled(token), send);
        return await send.Task.ConfigureAwait(false);
    }

    // Gate held. False when the send has to wait.
    private bool TrySend(PendingSend send)
    {
        Span<byte> tag = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tag, _tag);
        var delivery = new OutgoingDelivery
        {
            Tag = tag,
            MessageFormat = send.MessageFormat,
            State = send.State,
            Settled = send.Settled,
            Context = send,
        };
        switch (_link.TrySend(delivery, send.Payload.Span, out _))
        {
            case SendOutcome.Sent:
                _tag = unchecked(_tag + 1);
                if (send.Settled)
                {
                    send.TrySetResult(Accepted.Instance);
                }
                else
                {
                    _unanswered.Add(send);
                }

                return true;
            case SendOutcome.NoCredit or SendOutcome.Congested:
                return false;
            case SendOutcome.TooLarge:
                send.TrySetException(new AmqpException(new AmqpError(
                    AmqpCondition.MessageSizeExceeded, $"The message has {send.Payload.Length} bytes; the peer takes {MaxMessageSize}.")));
                return true;
            case SendOutcome.Closed:
                send.TrySetException(
                    new AmqpException(Life.ClosedError ?? new AmqpError(AmqpCondition.DetachForced, "The link is closed.")));
                return true;
        }

        return true;
    }

    private void Pump()
    {
        lock (_gate)
        {
            while (_waiting.TryPeek(out var send) && (send.Task.IsCompleted || TrySend(send)))
            {
                _waiting.Dequeue();
            }
        }
    }

    private void OnOutcome(in OutgoingDisposition disposition)
    {
        if (disposition.Context is not PendingSend send || (!disposition.Settled && disposition.State is null or Received))
        {
            return;
        }

        if (!disposition.Settled)
        {
            _link.Settle(disposition.DeliveryId, disposition.State!);
        }

        lock (_gate)
        {
            _unanswered.Remove(send);
        }

        send.TrySetResult(disposition.State ?? Released.Instance);
    }

    private void OnGone(in LinkClosure closure)
    {
        Life.OnDetached(closure);
        List<PendingSend> failed;
        lock (_gate)
        {
            failed = [.. _unanswered, .. _waiting];
            _unanswered.Clear();
            _waiting.Clear();
        }

        foreach (var send in failed)
        {
            send.TrySetException(new AmqpException(Life.ClosedError!));
        }
    }

    private sealed class LinkEvents(AmqpSender sender) : ISendingLinkHandler
    {
        public void OnSendable(SendingLink link) => sender.Pump();

        public void OnDrain(SendingLink link)
        {
            sender.Pump();
            link.CompleteDrain();
        }

        public void OnDisposition(SendingLink link, in OutgoingDisposition disposition) => sender.OnOutcome(disposition);

        public void OnDetached(SendingLink link, in LinkClosure closure) => sender.OnGone(closure);
    }
}
