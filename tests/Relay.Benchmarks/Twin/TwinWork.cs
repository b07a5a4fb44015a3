using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;

namespace Relay.Benchmarks.Twin;

/// <summary>Verify each signature, send to the topic, complete: the relay without its rules, its order and its ledger.</summary>
internal sealed class TwinWork(TwinKeys keys, ServiceBusSender topic)
{
    public async Task RelayAsync(ServiceBusReceivedMessage message, ServiceBusMessageActions actions, CancellationToken cancellationToken)
    {
        var wire = message.Body.ToMemory();
        if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail))
        {
            throw new InvalidDataException(detail);
        }
        foreach (var signature in envelope.Signatures)
        {
            if (signature.Verify(keys.Of(signature.Key)) != SignatureFault.None)
            {
                throw new InvalidDataException("expected a valid signature");
            }
        }

        var forwarded = new ServiceBusMessage(message.Body)
        {
            MessageId = envelope.Digest.ToString(),
            SessionId = envelope.Id.Negotiation,
            ContentType = Envelope.MediaType,
        };
        await topic.SendMessageAsync(forwarded, cancellationToken);
        await actions.CompleteMessageAsync(message, cancellationToken);
    }
}
