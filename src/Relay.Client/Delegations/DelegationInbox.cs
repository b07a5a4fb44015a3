using Azure.Messaging.ServiceBus;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Client.Delegations;

/// <summary>
/// Receives from a delegation's topic, inspects what comes, and hands over each stream in its
/// sender's order as far as <see cref="InboxOrder"/> goes. One loop at a time; owns its receiver, not
/// the client.
/// </summary>
public sealed class DelegationInbox : IAsyncDisposable
{
    // Receipts asked for to explain one gap; a wider one is waited for.
    private const int MaxLookups = 16;

    private readonly EnvelopeInspector _inspector;
    private readonly ServiceBusReceiver _receiver;
    private readonly HoldBack<InboxMessage> _held;
    private readonly KeyWait _keyWait;
    private readonly Func<InboxResult, CancellationToken, ValueTask>? _save;
    private readonly AcknowledgementOutbox? _acknowledgements;
    private readonly TimeProvider _time;

    /// <summary>Receives from subscription <c>inbox</c> of the delegation's topic, by peek-lock.</summary>
    /// <param name="client">The bus.</param>
    /// <param name="inspector">Checks what comes.</param>
    /// <param name="order">How far order is restored.</param>
    /// <param name="save">Called by <see cref="InboxMessage.SettleAsync"/> for what was taken or refused, before the message is
    /// settled, to put <see cref="InboxState"/> where it outlives the process; null keeps it in memory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="acknowledgements">Takes what is said of what was taken or refused, before it is saved; null says nothing.</param>
    public DelegationInbox(
        ServiceBusClient client,
        EnvelopeInspector inspector,
        InboxOrder order,
        Func<InboxResult, CancellationToken, ValueTask>? save,
        TimeProvider time,
        AcknowledgementOutbox? acknowledgements = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(inspector);
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(order.HoldFor, TimeSpan.Zero, nameof(order));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order.HoldFor, InboxOrder.MaxHoldFor, nameof(order));
        ArgumentOutOfRangeException.ThrowIfLessThan(order.MaxHeld, 1, nameof(order));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order.MaxHeld, 1024, nameof(order));
        _inspector = inspector;
        _save = save;
        _acknowledgements = acknowledgements;
        _time = time;
        _held = new HoldBack<InboxMessage>(order, inspector.Streams.NextOf);
        _receiver = client.CreateReceiver(inspector.Topic, RelayEntities.InboxSubscription);
        _keyWait = new KeyWait(_receiver, time);
    }

    /// <summary>
    /// How many messages wait, locked, because a key cannot be read or the log does not answer now: they are
    /// neither taken nor refused until it does.
    /// </summary>
    public int WaitingForKeys => _keyWait.Count;

    /// <summary>What is waited for, in words; null when nothing is.</summary>
    public string? WaitReason => _keyWait.Reason;

    /// <summary>
    /// Waits for the next message: one that is refused is handed over at once, one that is
    /// taken in its stream's order, one whose keys cannot be read now once they can be.
    /// </summary>
    /// <param name="maxWait">Longest wait for a message; one that is held back may end it earlier.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message, locked; null when none came.</returns>
    /// <exception cref="ServiceBusException">The bus was not reached, or there is no such topic.</exception>
    public async Task<InboxMessage?> ReceiveAsync(TimeSpan maxWait, CancellationToken cancellationToken)
    {
        var end = _time.GetUtcNow() + maxWait;
        while (true)
        {
            if (_held.TryTake(_time.GetUtcNow(), out var next, out var continuity)) return next.As(continuity);
            if (await ExplainGapsAsync(cancellationToken).ConfigureAwait(false)) continue;
            var message = await _keyWait.TakeAsync(cancellationToken).ConfigureAwait(false)
                ?? await NextAsync(end, cancellationToken).ConfigureAwait(false);
            if (message is null)
            {
                if (_held.TryTake(_time.GetUtcNow(), out next, out continuity)) return next.As(continuity);
                if (_time.GetUtcNow() >= end) return null;
                continue;
            }
            if (await TakeAsync(message, cancellationToken).ConfigureAwait(false) is { } refused) return refused;
        }
    }

    // The next message from the bus; null when none came before the end, or before something that waits here has to be looked at again.
    private async Task<ServiceBusReceivedMessage?> NextAsync(DateTimeOffset end, CancellationToken cancellationToken)
    {
        var until = Min(Min(end, _held.Deadline), _keyWait.Next);
        var wait = Max(until - _time.GetUtcNow(), TimeSpan.FromMilliseconds(1));
        if (!_keyWait.IsFull) return await _receiver.ReceiveMessageAsync(wait, cancellationToken).ConfigureAwait(false);
        await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        return null;
    }

    // Null when it is held here, for its turn or for a key.
    private async Task<InboxMessage?> TakeAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        var inspected = await InspectAsync(message, cancellationToken).ConfigureAwait(false);
        switch (inspected.Result.Fault)
        {
            case InboxFault.None:
                _held.Add(inspected.Result.Envelope!.Head, inspected, _time.GetUtcNow());
                return null;
            case InboxFault.KeyUnavailable or InboxFault.LedgerNotLinked:
                _keyWait.Add(message, inspected.Result.Detail);
                return null;
            case InboxFault.NotOpened:
                _held.Pass(inspected.Result.Envelope!.Id);
                return inspected;
            default:
                return inspected;
        }
    }

    /// <summary>True of a bus that does not answer now, or of a lock that ended: what was not settled comes again.</summary>
    public static bool IsNotNow(ServiceBusException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.IsTransient
            || exception.Reason is ServiceBusFailureReason.MessageLockLost
                or ServiceBusFailureReason.ServiceCommunicationProblem
                or ServiceBusFailureReason.ServiceTimeout;
    }

    /// <summary>Closes the receiver; what is held back comes again once its lock has ended.</summary>
    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    internal async ValueTask SettledAsync(InboxResult result, CancellationToken cancellationToken)
    {
        // First what is to be said of it, then that it is done with: a crash between the two has it come again, and said once.
        if (_acknowledgements is not null) await _acknowledgements.AddAsync(result, cancellationToken).ConfigureAwait(false);
        // What was refused is not received, but what the relay signed with it was seen.
        if (result.Fault == InboxFault.None) _inspector.Streams.Settle(result.Envelope!.Id);
        if (_save is not null) await _save(result, cancellationToken).ConfigureAwait(false);
        // Last before the message is settled: a crash in front of this opens it once more, one behind it has it come as a duplicate.
        if (result.Fault is InboxFault.None or InboxFault.Duplicate) _inspector.DeleteUsedKeys(result.Envelope!);
    }

    internal void Forget(EnvelopeId id) => _inspector.Streams.Forget(id);

    private async ValueTask<InboxMessage> InspectAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        var inbound = TraceParent.Read(message.ApplicationProperties);
        using var activity = ClientTelemetry.StartArrival(inbound);
        var receipt = message.ApplicationProperties.TryGetValue(ForwardedProperties.Receipt, out var value) ? value as string : null;
        var result = TryBody(message, out var wire)
            ? await _inspector.InspectAsync(wire, receipt, cancellationToken).ConfigureAwait(false)
            : new InboxResult { Fault = InboxFault.NotAnEnvelope, Detail = "expected a body of bytes, got an AMQP value or sequence" };
        activity?.SetTag("relay.inbox", result.Code);
        return new InboxMessage(this, _receiver, message, result)
        {
            TraceParent = activity is null ? inbound : TraceParent.Current(inbound),
        };
    }

    // Sequences count for all addressees together: what is missing here may have been
    // said to others. Their receipts show it, and that the chain runs through them.
    private async ValueTask<bool> ExplainGapsAsync(CancellationToken cancellationToken)
    {
        if (_inspector.Ledger is not { Log: { } log } ledger) return false;
        var explained = false;
        foreach (var stream in _held.TakeUnasked())
        {
            explained |= await ExplainGapAsync(ledger, log, stream, cancellationToken).ConfigureAwait(false);
        }
        return explained;
    }

    private async ValueTask<bool> ExplainGapAsync(LedgerChecks ledger, ILedgerLog log, StreamId stream, CancellationToken cancellationToken)
    {
        var (missing, expected) = _held.Missing(stream, MaxLookups);
        for (var i = missing.Count - 1; i >= 0; i--)
        {
            var id = new EnvelopeId(stream.Negotiation, stream.Sender, stream.Lane, missing[i]);
            if (await FindEntryAsync(ledger, log, id, cancellationToken).ConfigureAwait(false) is not { } entry) return false;
            if (entry.Head.Audience.Contains(_inspector.Delegation)) return false;
            // Only of the last one the digest is known; the rest is the ledger's word, which an audit checks.
            if (i == missing.Count - 1 && entry.Digest != expected) return false;
        }
        if (missing.Count > 0) _held.Skip(stream, missing[^1] + 1);
        return missing.Count > 0;
    }

    private static async ValueTask<EnvelopeEntry?> FindEntryAsync(
        LedgerChecks ledger, ILedgerLog log, EnvelopeId id, CancellationToken cancellationToken)
    {
        try
        {
            if (await log.FindReceiptAsync(id, cancellationToken).ConfigureAwait(false) is not { } text
                || !Receipt.TryParse(text, out var receipt, out _, out _))
            {
                return null;
            }
            var check = await ledger.Trust.CheckAsync(receipt, cancellationToken).ConfigureAwait(false);
            return check.Holds
                && receipt.Entry.Id == id
                && ledger.View.Observe(SignedCheckpoint.Of(receipt), out _) is CheckpointFit.Known or CheckpointFit.New
                ? receipt.Entry
                : null;
        }
        catch (LedgerLogException)
        {
            return null;
        }
    }

    private static DateTimeOffset Min(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static bool TryBody(ServiceBusReceivedMessage message, out ReadOnlyMemory<byte> wire)
    {
        try
        {
            wire = message.Body.ToMemory();
            return true;
        }
        catch (NotSupportedException)
        {
            // The library's only way to say that the body is not binary.
            wire = default;
            return false;
        }
    }
}
