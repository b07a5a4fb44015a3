using Relay.Protocol.Envelopes;
using Relay.Risk.Observations;
using Relay.Risk.Results;
using Relay.Risk.Series;

namespace Relay.Risk.Calculation;

/// <summary>What addressees said, how soon, and of what they have said nothing.</summary>
internal static class AnswerTally
{
    public static IEnumerable<AnswerSignals> Of(
        string negotiation, IReadOnlyList<ObservedEnvelope> envelopes, IReadOnlyList<ObservedAnswer> answers, DateTimeOffset since)
    {
        var accepted = new Dictionary<EnvelopeId, DateTimeOffset>();
        foreach (var envelope in envelopes)
        {
            accepted[new EnvelopeId(negotiation, envelope.Sender, envelope.Lane, envelope.Sequence)] = envelope.At;
        }
        var answered = answers.Select(answer => (answer.Delegation, answer.Id)).ToHashSet();
        var names = envelopes.SelectMany(envelope => envelope.Audience).Concat(answers.Select(answer => answer.Delegation));
        foreach (var name in names.Distinct().Order(StringComparer.Ordinal))
        {
            var said = answers.Where(answer => answer.Delegation == name && answer.At > since).ToList();
            var open = envelopes
                .Where(envelope => envelope.At > since && envelope.Audience.Contains(name))
                .Where(envelope => !answered.Contains((name, new(negotiation, envelope.Sender, envelope.Lane, envelope.Sequence))))
                .ToList();
            yield return new AnswerSignals
            {
                Name = name,
                Opened = said.Count(answer => answer.Reason is null),
                Refused =
                [
                    .. said.Where(answer => answer.Reason is not null)
                        .GroupBy(answer => answer.Reason!, StringComparer.Ordinal)
                        .OrderBy(group => group.Key, StringComparer.Ordinal)
                        .Select(group => new RefusalCount(group.Key, group.Count())),
                ],
                Latency = Spread.Of(
                    from answer in said
                    where accepted.ContainsKey(answer.Id)
                    select Math.Max(0, (answer.At - accepted[answer.Id]).TotalSeconds)),
                Unanswered = open.Count,
                UnansweredSince = open.Count == 0 ? null : open.Min(envelope => envelope.At),
            };
        }
    }
}
