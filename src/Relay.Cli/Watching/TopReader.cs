using System.Globalization;
using System.Text.Json;
using Relay.Cli.Printing;
using Relay.Cli.Reading;
using Relay.Client.Ledger;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Watching;

/// <summary>
/// Reads what <c>relay top</c> shows of one negotiation: the ledger, each entry of which is held against the signed root, and the relay's
/// risk signals. Not safe for concurrent use.
/// </summary>
internal sealed class TopReader(HttpLedgerLog log, LedgerFeed feed, TimeSpan window)
{
    private const int MostEntries = 500;

    private readonly LinkedList<string> _entries = new();
    private DateTimeOffset? _newest;
    private string? _mode;
    private TopLedger? _last;

    /// <summary>Reads once. What cannot be read now is told in <see cref="TopLedger.Proof"/>, beside what was read before.</summary>
    public async Task<TopLedger> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var entry in await feed.ReadAsync(cancellationToken)) Take(entry);
            var said = await log.FindSignalsAsync(window, cancellationToken);
            if (said is null) return _last = Empty("nothing logged yet", null);
            using var json = JsonDocument.Parse(said.Value);
            return _last = Read(json.RootElement.GetProperty("data"));
        }
        catch (LedgerLogException exception)
        {
            return (_last ?? Empty("", null)) with { Proof = ForeignText.Line($"not now: {exception.Message}"), Holds = null };
        }
        catch (CliFault exception)
        {
            return (_last ?? Empty("", null)) with { Proof = ForeignText.Line($"DOES NOT HOLD: {exception.Message}"), Holds = false };
        }
        catch (Exception exception) when (
            exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return (_last ?? Empty("", null)) with { Proof = "not now: what the relay answers are no signals", Holds = null };
        }
    }

    private TopLedger Empty(string proof, bool? holds) =>
        new(feed.Negotiation, proof, holds, "open", 0, 0, 0, 0, 0, null, 0, null, [], []);

    private void Take(FeedEntry entry)
    {
        var what = ForeignText.Line(EntryLine.Describe(entry.Entry, entry.Weight));
        _entries.AddFirst(string.Create(CultureInfo.InvariantCulture, $"{entry.Entry.At:HH:mm:ss} {entry.Index,7} {what}"));
        if (_entries.Count > MostEntries) _entries.RemoveLast();
        _newest = entry.Entry.At;
        if (entry.Entry is ModeEntry { Mode: var mode }) _mode = mode.ToText();
        else if (_mode is null && entry.Document is { Mode: not NegotiationMode.Open } document) _mode = document.Mode.ToText();
    }

    private TopLedger Read(JsonElement data)
    {
        var senders = data.GetProperty("senders").EnumerateArray().ToList();
        var answers = data.GetProperty("answers").EnumerateArray().ToList();
        var evidence = data.GetProperty("evidence");
        var sent = senders.Sum(sender => Int(sender, "envelopes"));
        var silence = senders.Select(sender => Number(sender, "silenceSuspicion")).Max();
        return new TopLedger(
            feed.Negotiation,
            $"verified here: {feed.Size.ToString(CultureInfo.InvariantCulture)} entries hash to the signed root",
            true,
            _mode ?? "open",
            feed.Size,
            sent,
            sent / window.TotalMinutes,
            answers.Sum(answer => Int(answer, "unanswered")),
            answers.Sum(Refusals),
            silence,
            data.GetProperty("alarms").GetArrayLength()
                + Int(evidence, "equivocations") + Int(evidence, "brokenChains") + Int(evidence, "forks"),
            _newest,
            [.. Details(data, senders, answers)],
            [.. _entries]);
    }

    private static IEnumerable<string> Details(JsonElement data, List<JsonElement> senders, List<JsonElement> answers)
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
