using Relay.Core.Admission;

namespace Relay.Core.Forwarding;

/// <summary>Step 6: one message per addressee's topic, all at once.</summary>
internal sealed class EnvelopeForwarding(IEnvelopeForwarder forwarder, TimeProvider time)
{
    public async ValueTask<Ruling> ForwardAsync(AdmittedEnvelope admitted, string? traceParent, CancellationToken cancellationToken)
    {
        var payload = admitted.Envelope.Payload;
        var now = time.GetUtcNow();
        // Waiting for keys or the ledger takes time; a message without life left would only be refused by the bus.
        if (payload.ExpiresAt <= now) return AdmissionRules.Expired(payload, now);

        var sends = new Task<ForwardStatus>[payload.Audience.Length];
        for (var i = 0; i < sends.Length; i++)
        {
            var topic = admitted.Document.Delegations[payload.Audience[i]].Topic;
            var outbound = new OutboundEnvelope(topic, admitted.Envelope.Wire, payload.Id, payload.Digest, payload.ExpiresAt - now, traceParent);
            sends[i] = forwarder.ForwardAsync(outbound, cancellationToken).AsTask();
        }

        return Rule(admitted, await Task.WhenAll(sends).ConfigureAwait(false));
    }

    private static Ruling Rule(AdmittedEnvelope admitted, ForwardStatus[] statuses)
    {
        string? unavailable = null;
        string? refused = null;
        for (var i = 0; i < statuses.Length; i++)
        {
            var topic = admitted.Document.Delegations[admitted.Envelope.Payload.Audience[i]].Topic;
            switch (statuses[i])
            {
                case ForwardStatus.Accepted: break;
                case ForwardStatus.Unavailable: unavailable ??= topic; break;
                case ForwardStatus.Refused: refused ??= topic; break;
            }
        }

        // Transient first: the retry reaches the topics that are down now, and meets the refusal again.
        if (unavailable is not null)
        {
            return new(Verdict.TopicUnavailable, ReasonCodes.TopicUnavailable, $"expected topic '{unavailable}' to take the envelope, it cannot be reached now");
        }

        return refused is not null
            ? new(Verdict.TopicRefused, ReasonCodes.TopicRefused, $"expected topic '{refused}' to take the envelope, got a refusal for good")
            : new(Verdict.Forwarded, ReasonCodes.Forwarded, string.Empty);
    }
}
