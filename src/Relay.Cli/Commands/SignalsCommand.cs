using System.CommandLine;
using System.Text.Json;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Reading;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Risk;
using Relay.Risk.Results;

namespace Relay.Cli.Commands;

/// <summary><c>relay signals</c>: a negotiation's risk signals, computed here from the ledger and compared with the relay's.</summary>
internal static class SignalsCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var delegation = new Argument<string>("delegation")
        {
            CustomParser = OptionValues.Name,
            Description = "Delegation as which to read the ledger, e.g. iran.",
        };
        var window = new Option<TimeSpan>("--window")
        {
            CustomParser = OptionValues.Duration,
            HelpName = "time",
            Description = "The time that the signals are of, up to now: a minute to 30 days.",
            DefaultValueFactory = static _ => SignalWindow.Usual,
        };
        var json = new Option<bool>("--json") { Description = "Print the CloudEvent, as the relay answers it, instead of tables." };
        var command = new JudgingCommand(
            "signals",
            "Compute a negotiation's risk signals from its ledger, from metadata alone, and compare them with what the relay says: "
                + "rates, burstiness, silence, replies, agreement of the mediators, changes of pace.")
        {
            delegation, target.Negotiation, window, json, ledger.RelayName, ledger.RelayKey, ledger.KeyFile, ledger.ClientCertificate,
            target.Http, target.Vault, target.State,
        };
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(target.Negotiation);
            var length = parsed.GetRequiredValue(window);
            if (length < SignalWindow.Shortest || length > SignalWindow.Longest)
            {
                throw new CliFault($"--window is {length}.", "Expected a minute to 30 days, such as 15m, 2h or 7d.");
            }
            var keys = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            using var trust = ledger.OpenTrust(parsed, name, keys, terminal.Time);
            using var http = ledger.OpenLog(parsed, target, parsed.GetRequiredValue(delegation), terminal.Time);
            var log = new HttpLedgerLog(http, name, terminal.Time);
            var said = await log.FindSignalsAsync(length, cancellationToken) ?? throw LedgerTarget.NoLedger(name);
            var (size, until) = ReadBasis(said);
            var (stretch, observations) = await new LedgerReadout(log, trust, name).ReadAsync(size, cancellationToken);
            var signals = SignalCalculator.Compute(name, stretch, observations, new SignalWindow(until, length));
            var computed = SignalEvent.Write(signals, parsed.GetRequiredValue(ledger.RelayName));
            if (parsed.GetValue(json)) terminal.Raw.Write([.. computed, (byte)'\n']);
            else SignalTables.Print(terminal, signals);
            return Compare(terminal, said, computed);
        });
        return command;
    }

    // What the relay computed from, to compute from the same.
    private static (long Size, DateTimeOffset Until) ReadBasis(ReadOnlyMemory<byte> said)
    {
        try
        {
            using var json = JsonDocument.Parse(said);
            var data = json.RootElement.GetProperty("data");
            return (data.GetProperty("ledger").GetProperty("size").GetInt64(), data.GetProperty("until").GetDateTimeOffset());
        }
        catch (Exception exception) when (
            exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CliFault(
                "What the relay answers are no signals.",
                "Expected a CloudEvent with ledger and window. Is that address a relay's?",
                exception);
        }
    }

    private static int Compare(Terminal terminal, ReadOnlyMemory<byte> said, byte[] computed)
    {
        if (said.Span.SequenceEqual(computed))
        {
            terminal.Notes.Say($"[green]Computed here from the ledger, and the relay says the same.[/]");
            terminal.Notes.Say($"Whether the signatures in its entries hold, 'relay audit' says.");
            return ExitCode.Good;
        }
        terminal.Notes.Say($"[red]The relay says something else[/] than its ledger: what is shown here is computed from the ledger.");
        return ExitCode.Bad;
    }
}
