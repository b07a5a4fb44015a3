using Relay.Core.Admission;
using Relay.Core.Rulings;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Forwarding;

/// <summary>Step 6: one message per addressee's topic, all at once.</summary>
internal sealed class EnvelopeForwarding(IEnvelopeForwarder forwarder, TimeProvider time)
{
    /// <param name="envelope">The envelope.</param>
    /// <param name="document">Names the topics; an addressee that is no delegation of it any more gets nothing.</param>
    /// <param name="traceParent">W3C trace parent to hand on; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<Ruling> ForwardAsync(LoggedEnvelope envelope, NegotiationDocument document, string? traceParent, CancellationToken cancellationToken)
    {
        var payload = envelope.Payload;
        var now = time.GetUtcNow();
        // Waiting for keys or the ledger takes time; a message without life left would only be refused by the bus.
        if (payload.ExpiresAt <= now) return AdmissionRules.Expired(payload, now);

        var topics = new List<string>(payload.Audience.Length);
        foreach (var addressee in payload.Audience)
        {
            if (document.Delegations.TryGetValue(addressee, out var delegation)) topics.Add(delegation.Topic);
        }

        var sends = topics.Select(topic =>
        {
            var outbound = new OutboundEnvelope(topic, envelope.Wire, payload.Id, payload.Digest, envelope.Index, envelope.Receipt, payload.ExpiresAt - now, traceParent);
            return forwarder.ForwardAsync(outbound, cancellationToken).AsTask();
        });
        return Rule(topics, await Task.WhenAll(sends).ConfigureAwait(false));
    }

    private static Ruling Rule(List<string> topics, ForwardStatus[] statuses)
    {
        string? unavailable = null;
        string? refused = null;
        for (var i = 0; i < statuses.Length; i++)
        {
            switch (statuses[i])
            {
                case ForwardStatus.Accepted: break;
                case ForwardStatus.Unavailable: unavailable ??= topics[i]; break;
                case ForwardStatus.Refused: refused ??= topics[i]; break;
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
