using System.CommandLine;
using System.Globalization;
using Relay.DeadLetters;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Protocol.Envelopes;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay dlq</c>: what the relay refused or gave up on, seen and mended.</summary>
internal static class DeadLetterCommand
{
    private const int Sample = 10;

    public static Command Create(Terminal terminal) =>
        new("dlq", "See dead letters, put them back, drop them, and what operators did with them.")
    {
        CreateList(terminal),
        CreateShow(terminal),
        RedriveCommand.Create(terminal),
        DropCommand.Create(terminal),
        OperatorLogCommand.Create(terminal),
    };

    private static Command CreateList(Terminal terminal)
    {
        var options = new DeadLetterOptions();
        var command = options.AddFilter(
            new Command("list", "Count the dead letters of both queues, or of a topic, by reason, negotiation and sender."));
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = new DeadLetterDesk(options, parsed, terminal.Time);
            var filter = options.Filter(parsed);
            var groups = await desk.Office.CountAsync(filter, cancellationToken);
            var table = new Table().AddColumns("reason", "negotiation", "sender", "lane", "count", "bytes", "oldest", "newest");
            foreach (var group in groups)
            {
                table.AddRow(
                    ForeignText.Cell(group.Reason), ForeignText.Cell(group.Negotiation ?? "-"), ForeignText.Cell(group.Sender ?? "-"),
                    group.Lane?.ToText() ?? "-", Number(group.Count), Number(group.Bytes), Moment(group.Oldest), Moment(group.Newest));
            }

            if (groups.Count == 0) SayNone(terminal, filter);
            else terminal.Out.Write(table);
            return ExitCode.Good;
        });
        return command;
    }

    private static Command CreateShow(Terminal terminal)
    {
        var options = new DeadLetterOptions();
        var count = new Option<int>("--count")
        {
            CustomParser = OptionValues.Number(1, 1_000_000),
            HelpName = "number",
            Description = "At most so many.",
            DefaultValueFactory = static _ => 20,
        };
        var command = options.AddFilter(new Command("show", "Print dead letters one by one, with why each is one.") { count });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = new DeadLetterDesk(options, parsed, terminal.Time);
            var filter = options.Filter(parsed);
            var shown = 0;
            await foreach (var letter in DeadLetterSurvey.ReadAsync(desk.Office.Bus, filter, cancellationToken))
            {
                Show(terminal, letter);
                if (++shown == parsed.GetValue(count)) break;
            }

            if (shown == 0) SayNone(terminal, filter);
            return ExitCode.Good;
        });
        return command;
    }

    /// <summary>The first of many, for a dry run.</summary>
    internal static void ShowSome(Terminal terminal, IEnumerable<DeadLetter> letters)
    {
        foreach (var letter in letters.Take(Sample)) Show(terminal, letter);
    }

    private static void SayNone(Terminal terminal, DeadLetterFilter filter)
    {
        if (filter.Subscription is { } subscription) terminal.Out.Say($"No dead letters of {subscription}.");
        else terminal.Out.Say($"No dead letters of the queues; --topic has those of a delegation's topic.");
    }

    // One line of what it is, and one of why.
    private static void Show(Terminal terminal, DeadLetter letter)
    {
        var name = letter.Id?.ToString() ?? "no envelope";
        var again = letter.Marker is null ? "" : ", redriven before";
        var place = $"{letter.Key.Source} {letter.Key.Number.ToString(CultureInfo.InvariantCulture)}";
        terminal.Out.Say($"{place}: {name}, {Moment(letter.Key.At)}, {letter.Size} bytes, {letter.Reason}{again}");
        if (letter.Description.Length > 0) terminal.Quote(letter.Description);
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Moment(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at).ToString("u", CultureInfo.InvariantCulture);
}
