using System.Globalization;
using System.Text.Json;

namespace Relay.Cli.Watching;

/// <summary>
/// A negotiation's risk signals, as <c>GET /api/negotiations/{n}/signals</c> answers them, in what <c>relay top</c> shows.
/// </summary>
internal static class SignalLines
{
    /// <summary>Puts them beside what is known already.</summary>
    /// <exception cref="KeyNotFoundException">What came are no signals.</exception>
    /// <exception cref="InvalidOperationException">The same.</exception>
    /// <exception cref="FormatException">The same.</exception>
    public static TopNegotiation Read(TopNegotiation known, JsonElement data)
    {
        var senders = data.GetProperty("senders").EnumerateArray().ToList();
        var answers = data.GetProperty("answers").EnumerateArray().ToList();
        var evidence = data.GetProperty("evidence");
        return known with
        {
            Unanswered = answers.Sum(answer => answer.Int("unanswered")),
            Silence = senders.Select(sender => Number(sender, "silenceSuspicion")).Max(),
            Alarms = data.GetProperty("alarms").GetArrayLength()
                + evidence.Int("equivocations") + evidence.Int("brokenChains") + evidence.Int("forks"),
            Details = [.. known.Details, .. Lines(data, senders, answers)],
        };
    }

    private static IEnumerable<string> Lines(JsonElement data, List<JsonElement> senders, List<JsonElement> answers)
    {
        foreach (var sender in senders)
        {
            yield return $"sends    {sender.Line("name"),-12} {sender.Int("envelopes"),6} envelopes, {sender.Int("urgent")} urgent, "
                + $"{Text(Number(sender, "rate") * 60)} a minute, silence {Text(Number(sender, "silenceSuspicion"))}, "
                + $"delay {Spread(sender, "delay")}";
        }
        foreach (var way in data.GetProperty("directions").EnumerateArray())
        {
            yield return $"replies  {way.Line("from")} to {way.Line("to")}: {way.Int("envelopes")} envelopes, "
                + $"reply {Spread(way, "replyLatency")}";
        }
        foreach (var answer in answers)
        {
            yield return $"answers  {answer.Line("name"),-12} opened {answer.Int("opened")}, refused {Refusals(answer)}, "
                + $"no answer {answer.Int("unanswered")}, after {Spread(answer, "latency")}";
        }
        foreach (var mediator in data.GetProperty("agreement").GetProperty("mediators").EnumerateArray())
        {
            yield return $"vouches  {mediator.Line("name"),-12} weight {Text(Number(mediator, "weight"))}, "
                + $"{mediator.Int("vouched")} envelopes, credibility {Text(Number(mediator, "credibility"))}";
        }
        foreach (var alarm in data.GetProperty("alarms").EnumerateArray())
        {
            yield return $"ALARM    {alarm.Line("sender")} is {alarm.Line("pace")} since about {alarm.Line("began")}, "
                + $"entry {alarm.Int("index")}";
        }
    }

    private static int Refusals(JsonElement answer) => answer.GetProperty("refused").EnumerateArray().Sum(refused => refused.Int("count"));

    private static double? Number(JsonElement of, string name) =>
        of.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    private static string Text(double? number) => number?.ToString("0.##", CultureInfo.InvariantCulture) ?? "-";

    private static string Spread(JsonElement of, string name) => of.GetProperty(name) is { ValueKind: JsonValueKind.Object } spread
        ? $"p50 {Text(Number(spread, "median"))} s, p90 {Text(Number(spread, "p90"))} s"
        : "-";
}
