using System.CommandLine;
using System.Globalization;
using Relay.DeadLetters;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;

namespace Relay.Cli.Commands;

/// <summary><c>relay dlq log</c>: what operators did with dead letters.</summary>
internal static class OperatorLogCommand
{
    private const string Example = "12:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

    public static Command Create(Terminal terminal)
    {
        var options = new DeadLetterOptions();
        var verify = new Option<bool>("--verify")
        {
            Description = "Hold the log against what subscribers of 'signals' were told of it, as far as that still waits there.",
        };
        var known = new Option<OperatorLogHead?>("--known-head")
        {
            CustomParser = result => OperatorLogHead.TryParse(result.Text(), out var head)
                ? head
                : result.Expect<OperatorLogHead?>($"a head as this command prints it, such as {Example}"),
            Description = "A head that you have kept: the log must still have it.",
            HelpName = "size:hash",
        };
        var command = options.AddBus(
            new JudgingCommand("log", "Print the operators' log, and verify that each entry continues the one before.")
            {
                verify, known, options.Container,
            });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            OperatorLog log;
            try
            {
                log = await OperatorLog.ReadAsync(options.OpenLog(parsed, terminal.Time), cancellationToken);
            }
            catch (OperatorLogException e)
            {
                terminal.Out.Say($"[red]Not as it was written[/]: {e.Message}");
                return ExitCode.Bad;
            }
            foreach (var entry in log.Entries) Print(terminal, entry);
            var heads = new List<OperatorLogHead>();
            if (parsed.GetValue(known) is { } kept) heads.Add(kept);
            if (parsed.GetValue(verify)) heads.AddRange(await SeenAsync(options, parsed, cancellationToken));
            return Judge(terminal, log, heads, parsed.GetValue(verify));
        });
        return command;
    }

    private static async Task<IReadOnlyList<OperatorLogHead>> SeenAsync(
        DeadLetterOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var client = options.OpenBus(parsed);
        await using var witness = new OperatorWitness(client);
        return await witness.SeenAsync(cancellationToken);
    }

    private static int Judge(Terminal terminal, OperatorLog log, List<OperatorLogHead> heads, bool isHeld)
    {
        terminal.Out.Say($"{log.Entries.Count} entries, each continues the one before; head {log.Head?.ToString() ?? "none"}");
        var other = heads.Where(head => !log.Continues(head)).ToList();
        foreach (var head in other) terminal.Out.Say($"[red]Rewritten or cut[/]: others were told of {head}, which is not this log's");
        if (other.Count > 0) return ExitCode.Bad;
        if (heads.Count > 0) terminal.Out.Say($"{heads.Count} heads that are known elsewhere are this log's");
        if (heads.Count > 0 || !isHeld) return ExitCode.Good;
        terminal.Out.Say($"Not proved: nothing waits on 'signals' that tells of this log.");
        return ExitCode.NotProved;
    }

    private static void Print(Terminal terminal, OperatorLogEntry entry)
    {
        var at = entry.At.ToString("u", CultureInfo.InvariantCulture);
        terminal.Out.Say($"{entry.Index} {at} {entry.Act} {entry.Count} by {entry.By} on {entry.Bus}, run {entry.Run} {entry.Filter}");
        if (entry.Because is { } because) terminal.Quote(because);
    }
}
