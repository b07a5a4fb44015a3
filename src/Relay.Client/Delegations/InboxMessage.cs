using Azure.Messaging.ServiceBus;

namespace Relay.Client.Delegations;

/// <summary>One message of a delegation's inbox, inspected and locked until it is settled.</summary>
public sealed class InboxMessage
{
    // Service Bus takes at most 4,096 characters of a description.
    private const int MaxDescription = 4096;

    private readonly ServiceBusReceiver _receiver;
    private readonly ServiceBusReceivedMessage _message;
    private readonly DelegationInbox _inbox;

    internal InboxMessage(DelegationInbox inbox, ServiceBusReceiver receiver, ServiceBusReceivedMessage message, InboxResult result)
    {
        _inbox = inbox;
        _receiver = receiver;
        _message = message;
        Result = result;
    }

    /// <summary>What was made of it.</summary>
    public InboxResult Result { get; private set; }

    /// <summary>Deliveries so far, this one included.</summary>
    public int DeliveryCount => _message.DeliveryCount;

    /// <summary>
    /// W3C trace parent of its inspection, to go on with the envelope's trace
    /// (<see cref="System.Diagnostics.ActivityContext.TryParse(string, string, out System.Diagnostics.ActivityContext)"/>);
    /// null when nobody traced it. The relay and whoever submitted it wrote it: it proves nothing.
    /// </summary>
    public string? TraceParent { get; internal init; }

    // Judged on arrival and again on hand-over, when those before it may have come.
    internal InboxMessage As(StreamContinuity continuity)
    {
        Result = Result with { Continuity = continuity };
        return this;
    }

    /// <summary>
    /// Settles by the result: taken and duplicate messages are completed,
    /// one that cannot be judged now is given back, everything else is
    /// dead-lettered with its code and detail. Call it once what was said is safe.
    /// </summary>
    /// <exception cref="ServiceBusException">The lock was lost, or the bus was not reached; the message will come again.</exception>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        // First what is remembered, then the message: a crash between the two shows it once more, as a duplicate.
        if (!Result.IsNotNow) await _inbox.SettledAsync(Result, cancellationToken).ConfigureAwait(false);
        await (Result.Fault switch
        {
            InboxFault.None or InboxFault.Duplicate => _receiver.CompleteMessageAsync(_message, cancellationToken),
            InboxFault.KeyUnavailable or InboxFault.LedgerNotLinked =>
                _receiver.AbandonMessageAsync(_message, cancellationToken: cancellationToken),
            InboxFault.NotAnEnvelope
                or InboxFault.OtherNegotiation
                or InboxFault.SenderNotAllowed
                or InboxFault.NotAddressed
                or InboxFault.QuorumNotMet
                or InboxFault.Expired
                    or InboxFault.NoReceipt
                    or InboxFault.BadReceipt
                    or InboxFault.LedgerForked
                    or InboxFault.LedgerNotConsistent
                    or InboxFault.ForkSeen
                or InboxFault.UnknownPolicy
                    or InboxFault.NotOpened
                    or InboxFault.Equivocation
                    or InboxFault.BrokenChain
                    or InboxFault.LoggedTwice
                    or InboxFault.OutOfOrder
                or InboxFault.TooOld => DeadLetterAsync(cancellationToken),
        }).ConfigureAwait(false);
    }

    /// <summary>Gives the message back, to be delivered again at once.</summary>
    public Task AbandonAsync(CancellationToken cancellationToken)
    {
        if (Result.Fault == InboxFault.None) _inbox.Forget(Result.Envelope!.Id);
        return _receiver.AbandonMessageAsync(_message, cancellationToken: cancellationToken);
    }

    private Task DeadLetterAsync(CancellationToken cancellationToken)
    {
        var detail = Result.Detail.Length > MaxDescription ? Result.Detail[..MaxDescription] : Result.Detail;
        return _receiver.DeadLetterMessageAsync(_message, Result.Code, detail, cancellationToken);
    }
}
