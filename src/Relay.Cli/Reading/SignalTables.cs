using System.Globalization;
using Relay.Cli.Printing;
using Relay.Risk.Results;
using Spectre.Console;

namespace Relay.Cli.Reading;

/// <summary>Signals as tables.</summary>
internal static class SignalTables
{
    public static void Print(Terminal terminal, NegotiationSignals signals)
    {
        var ledger = signals.Ledger;
        terminal.Out.Say($"{signals.Negotiation} from {signals.Since:u} to {signals.Until:u}");
        terminal.Out.Say($"entries {ledger.From} to {ledger.Size - 1} of the ledger with root {ledger.Root}");
        if (!signals.IsWhole)
        {
            terminal.Out.Say($"[yellow]The window is shortened:[/] only the newest {ledger.Size - ledger.From} entries are read.");
        }
        Write(
            terminal,
            ["sender", "sent", "urgent", "per hour", "burstiness", "volatility", "silence (phi)", "last", "delay p50, p90"],
            signals.Senders.Select(sender => new[]
            {
                sender.Name, Text(sender.Envelopes), Text(sender.Urgent), Text(sender.Rate * 3_600), Text(sender.BurstinessOfFew),
                Text(sender.Volatility), Text(sender.SilenceSuspicion), $"{sender.LastAt:u}", Text(sender.Delay?.Median, sender.Delay?.P90),
            }));
        Write(
            terminal,
            ["direction", "sent", "balance", "replies", "reply p50, p90", "waits since"],
            signals.Directions.Select(way => new[]
            {
                $"{way.From} to {way.To}", Text(way.Envelopes), Text(way.Balance), Text(way.ReplyLatency?.Count ?? 0),
                Text(way.ReplyLatency?.Median, way.ReplyLatency?.P90), way.WaitingSince is { } since ? $"{since:u}" : "",
            }));
        Write(
            terminal,
            ["addressee", "opened", "refused", "no answer", "answer p50, p90"],
            signals.Answers.Select(answers => new[]
            {
                answers.Name, Text(answers.Opened),
                string.Join(", ", answers.Refused.Select(refused => $"{refused.Reason} {refused.Count}")),
                Text(answers.Unanswered), Text(answers.Latency?.Median, answers.Latency?.P90),
            }));
        Write(
            terminal,
            ["mediator", "weight", "vouched", "of all", "credibility"],
            signals.Agreement.Mediators.Select(mediator => new[]
            {
                mediator.Name, Text(mediator.Weight), Text(mediator.Vouched), Text(mediator.Share), Text(mediator.Credibility),
            }));
        var evidence = signals.Evidence;
        terminal.Out.Say(
            $"contradictions: {evidence.Equivocations} equivocations, {evidence.BrokenChains} broken chains, {evidence.Forks} forks seen");
        foreach (var alarm in signals.Alarms)
        {
            var pace = alarm.Pace.ToString().ToLowerInvariant();
            terminal.Out.Say($"[yellow]{alarm.Sender} is {pace}[/] since about {alarm.Began:u}, seen at entry {alarm.Index}, {alarm.At:u}");
        }
        terminal.Out.Say($"An alarm comes by chance once in {signals.AlarmRule.GapsBetweenFalseAlarms:0} gaps of a sender.");
    }

    private static void Write(Terminal terminal, string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns(columns);
        foreach (var row in rows) table.AddRow([.. row.Select(ForeignText.Cell)]);
        if (table.Rows.Count > 0) terminal.Out.Write(table);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double? number) => number?.ToString("0.###", CultureInfo.InvariantCulture) ?? "";

    private static string Text(double? median, double? most) =>
        median is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{median:0.###} s, {most:0.###} s");
}
