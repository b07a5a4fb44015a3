using Azure.Messaging.ServiceBus;

namespace Relay.Client.Delegations;

/// <summary>One message of a delegation's inbox, inspected and locked until it is settled.</summary>
public sealed class InboxMessage
{
    // Service Bus takes at most 4,096 characters of a description.
    private const int MaxDescription = 4096;

    private readonly ServiceBusReceiver _receiver;
    private readonly ServiceBusReceivedMessage _message;

    internal InboxMessage(ServiceBusReceiver receiver, ServiceBusReceivedMessage message, InboxResult result)
    {
        _receiver = receiver;
        _message = message;
        Result = result;
    }

    /// <summary>What was made of it.</summary>
    public InboxResult Result { get; }

    /// <summary>Deliveries so far, this one included.</summary>
    public int DeliveryCount => _message.DeliveryCount;

    /// <summary>
    /// Settles by the result: taken and duplicate messages are completed, one whose keys could not be read is given back, everything else is
    /// dead-lettered with its code and detail. Call it once what was said is safe.
    /// </summary>
    /// <exception cref="ServiceBusException">The lock was lost, or the bus was not reached; the message will come again.</exception>
    public Task SettleAsync(CancellationToken cancellationToken) => Result.Fault switch
    {
        InboxFault.None or InboxFault.Duplicate => _receiver.CompleteMessageAsync(_message, cancellationToken),
        InboxFault.KeyUnavailable => AbandonAsync(cancellationToken),
        InboxFault.NotAnEnvelope or InboxFault.OtherNegotiation or InboxFault.SenderNotAllowed or InboxFault.NotAddressed or InboxFault.QuorumNotMet
            or InboxFault.Expired or InboxFault.NotOpened or InboxFault.Equivocation or InboxFault.BrokenChain => DeadLetterAsync(cancellationToken),
    };

    /// <summary>Gives the message back, to be delivered again at once.</summary>
    public Task AbandonAsync(CancellationToken cancellationToken) => _receiver.AbandonMessageAsync(_message, cancellationToken: cancellationToken);

    private Task DeadLetterAsync(CancellationToken cancellationToken)
    {
        var detail = Result.Detail.Length > MaxDescription ? Result.Detail[..MaxDescription] : Result.Detail;
        return _receiver.DeadLetterMessageAsync(_message, Result.Fault.Code(), detail, cancellationToken);
    }
}
