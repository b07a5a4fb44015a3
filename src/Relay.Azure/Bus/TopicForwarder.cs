using Azure.Messaging.ServiceBus;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Protocol.Envelopes;

namespace Relay.Azure.Bus;

/// <summary>Forwards to delegations' topics. Nothing of the inbound message travels on but the signed bytes and the trace parent.</summary>
internal sealed class TopicForwarder(BusSender sender) : IEnvelopeForwarder
{
    /// <inheritdoc/>
    public async ValueTask<SendOutcome> ForwardAsync(OutboundEnvelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        // The directory checked this already. Once more, because a wrong topic here is a leak.
        if (!DelegationTopic.IsValid(envelope.Topic)) return SendOutcome.Refused;
        var id = envelope.Id.ToString();
        return await sender.SendAsync(envelope.Topic, CreateMessage(envelope, id), id, cancellationToken).ConfigureAwait(false);
    }

    internal static ServiceBusMessage CreateMessage(OutboundEnvelope envelope, string id)
    {
        var message = new ServiceBusMessage(envelope.Body)
        {
            MessageId = envelope.Digest.ToString(),
            SessionId = envelope.Id.Negotiation,
            ContentType = Envelope.MediaType,
            TimeToLive = envelope.TimeToLive,
        };
        message.ApplicationProperties[ForwardedProperties.Id] = id;
        message.ApplicationProperties[ForwardedProperties.Index] = envelope.Index;
        // Not ASCII: a signature line begins with an em dash.
        message.ApplicationProperties[ForwardedProperties.Receipt] = System.Text.Encoding.UTF8.GetString(envelope.Receipt.Span);
        message.ApplicationProperties[ForwardedProperties.Lane] = envelope.Id.Lane.ToText();
        TraceParent.Write(message.ApplicationProperties, envelope.TraceParent);
        return message;
    }
}
