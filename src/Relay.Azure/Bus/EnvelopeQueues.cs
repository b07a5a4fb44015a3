using Azure.Messaging.ServiceBus;
using Relay.Core.Settlement;
using Relay.Protocol.Envelopes;

namespace Relay.Azure.Bus;

/// <summary>Puts envelopes on the queues: submissions over HTTP, and the copies that transient verdicts and embargoes need.</summary>
internal sealed class EnvelopeQueues(BusSender sender) : IEnvelopeQueue
{
    /// <inheritdoc/>
    public async ValueTask<EnqueueStatus> EnqueueAsync(QueuedEnvelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var entity = BusEntities.QueueOf(envelope.Queue);
        return await sender.SendAsync(entity, CreateMessage(envelope), "(copy)", cancellationToken).ConfigureAwait(false) switch
        {
            SendOutcome.Accepted => EnqueueStatus.Accepted,
            // What fits a topic or came by HTTP within the limit is too large only where the limit is set above the bus tier's.
            SendOutcome.Unavailable or SendOutcome.Refused => EnqueueStatus.Unavailable,
        };
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
