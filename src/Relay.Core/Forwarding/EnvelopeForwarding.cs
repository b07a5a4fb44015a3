using Relay.Core.Admission;
using Relay.Core.Rulings;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Forwarding;

/// <summary>Step 6: one message per addressee's topic, all at once.</summary>
/// <param name="forwarder">Sends to a topic.</param>
/// <param name="now">What time it is for what must not be taken for late; called from any thread.</param>
internal sealed class EnvelopeForwarding(IEnvelopeForwarder forwarder, Func<DateTimeOffset> now)
{
    /// <param name="envelope">The envelope.</param>
    /// <param name="document">Names the topics; an addressee that is no delegation of it any more gets nothing.</param>
    /// <param name="traceParent">W3C trace parent to hand on; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<Ruling> ForwardAsync(
        LoggedEnvelope envelope, NegotiationDocument document, string? traceParent, CancellationToken cancellationToken)
    {
        var head = envelope.Head;
        var at = now();
        // Waiting for keys or the ledger takes time; a message without life left would only be refused by the bus.
        if (head.ExpiresAt <= at) return AdmissionRules.Expired(head, at);

        var topics = new List<string>(head.Audience.Length);
        foreach (var addressee in head.Audience)
        {
            if (document.Delegations.TryGetValue(addressee, out var delegation)) topics.Add(delegation.Topic);
        }

        var sends = topics.Select(topic =>
        {
            var outbound = new OutboundEnvelope(
                topic, envelope.Wire, head.Id, head.Digest, envelope.Index, envelope.Receipt, head.ExpiresAt - at, traceParent);
            return forwarder.ForwardAsync(outbound, cancellationToken).AsTask();
        });
        return Rule(envelope, topics, await Task.WhenAll(sends).ConfigureAwait(false));
    }

    // The worst of the topics. Unavailable before refused: the retry reaches the topics that are down now, and meets the refusal again.
    private static Ruling Rule(LoggedEnvelope envelope, List<string> topics, SendOutcome[] outcomes)
    {
        var (topic, outcome) = topics.Zip(outcomes).DefaultIfEmpty((string.Empty, SendOutcome.Accepted)).MaxBy(sent => Weight(sent.Item2));
        return outcome switch
        {
            SendOutcome.Accepted => new(Verdict.Forwarded, ReasonCodes.Forwarded, string.Empty) { ContentLength = envelope.ContentLength },
            SendOutcome.Refused => new(
                Verdict.TopicRefused, ReasonCodes.TopicRefused, $"expected topic '{topic}' to take the envelope, got a refusal for good"),
            SendOutcome.Unavailable => new(
                Verdict.TopicUnavailable,
                ReasonCodes.TopicUnavailable,
                $"expected topic '{topic}' to take the envelope, it cannot be reached now"),
        };
    }

    private static int Weight(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Accepted => 0,
        SendOutcome.Refused => 1,
        SendOutcome.Unavailable => 2,
    };
}
