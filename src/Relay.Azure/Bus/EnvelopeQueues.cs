using Azure.Messaging.ServiceBus;
using Relay.Core.Forwarding;
using Relay.Core.Settlement;
using Relay.Protocol.Envelopes;

namespace Relay.Azure.Bus;

/// <summary>Puts envelopes on the queues: submissions over HTTP, and the copies that transient verdicts and embargoes need.</summary>
internal sealed class EnvelopeQueues(BusSender sender) : IEnvelopeQueue
{
    /// <inheritdoc/>
    public ValueTask<SendOutcome> EnqueueAsync(QueuedEnvelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return sender.SendAsync(BusEntities.QueueOf(envelope.Queue), CreateMessage(envelope), "(copy)", cancellationToken);
    }

    internal static ServiceBusMessage CreateMessage(QueuedEnvelope envelope)
    {
        var message = new ServiceBusMessage(envelope.Body) { ContentType = Envelope.MediaType };
        if (envelope.DueAt is { } dueAt) message.ScheduledEnqueueTime = dueAt;
        if (envelope.Attempt > 0) message.ApplicationProperties[SettlementPolicy.AttemptProperty] = envelope.Attempt;
        TraceParent.Write(message.ApplicationProperties, envelope.TraceParent);
        return message;
    }
}
