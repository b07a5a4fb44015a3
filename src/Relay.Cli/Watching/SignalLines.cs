using System.Globalization;
using System.Text.Json;
using Relay.Cli.Printing;

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
            Unanswered = answers.Sum(answer => Int(answer, "unanswered")),
            Silence = senders.Select(sender => Number(sender, "silenceSuspicion")).Max(),
            Alarms = data.GetProperty("alarms").GetArrayLength()
                + Int(evidence, "equivocations") + Int(evidence, "brokenChains") + Int(evidence, "forks"),
            Details = [.. known.Details, .. Lines(data, senders, answers)],
        };
    }

    private static IEnumerable<string> Lines(JsonElement data, List<JsonElement> senders, List<JsonElement> answers)
    {
        foreach (var sender in senders)
        {
            yield return $"sends    {Name(sender, "name"),-12} {Int(sender, "envelopes"),6} envelopes, {Int(sender, "urgent")} urgent, "
                + $"{Text(Number(sender, "rate") * 60)} a minute, silence {Text(Number(sender, "silenceSuspicion"))}, "
                + $"delay {Spread(sender, "delay")}";
        }
        foreach (var way in data.GetProperty("directions").EnumerateArray())
        {
            yield return $"replies  {Name(way, "from")} to {Name(way, "to")}: {Int(way, "envelopes")} envelopes, "
                + $"reply {Spread(way, "replyLatency")}";
        }
        foreach (var answer in answers)
        {
            yield return $"answers  {Name(answer, "name"),-12} opened {Int(answer, "opened")}, refused {Refusals(answer)}, "
                + $"no answer {Int(answer, "unanswered")}, after {Spread(answer, "latency")}";
        }
        foreach (var mediator in data.GetProperty("agreement").GetProperty("mediators").EnumerateArray())
        {
            yield return $"vouches  {Name(mediator, "name"),-12} weight {Text(Number(mediator, "weight"))}, "
                + $"{Int(mediator, "vouched")} envelopes, credibility {Text(Number(mediator, "credibility"))}";
        }
        foreach (var alarm in data.GetProperty("alarms").EnumerateArray())
        {
            yield return $"ALARM    {Name(alarm, "sender")} is {Name(alarm, "pace")} since about {Name(alarm, "began")}, "
                + $"entry {Int(alarm, "index")}";
        }
    }

    private static int Refusals(JsonElement answer) => answer.GetProperty("refused").EnumerateArray().Sum(refused => Int(refused, "count"));

    private static string Name(JsonElement of, string name) => ForeignText.Line(of.GetProperty(name).GetString());

    private static int Int(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    private static double? Number(JsonElement of, string name) =>
        of.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    private static string Text(double? number) => number?.ToString("0.##", CultureInfo.InvariantCulture) ?? "-";

    private static string Spread(JsonElement of, string name) => of.GetProperty(name) is { ValueKind: JsonValueKind.Object } spread
        ? $"p50 {Text(Number(spread, "median"))} s, p90 {Text(Number(spread, "p90"))} s"
        : "-";
}
