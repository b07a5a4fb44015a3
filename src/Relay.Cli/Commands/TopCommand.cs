using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Reading;
using Relay.Cli.Targets;
using Relay.Cli.Watching;
using Relay.Client.Ledger;
using Relay.Risk.Results;

namespace Relay.Cli.Commands;

/// <summary><c>relay top</c>: what passes in a delegation's negotiations, or in all for operators, live.</summary>
internal static class TopCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var delegation = new Argument<string?>("delegation")
        {
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = OptionValues.Name,
            Description = "Delegation as which to read, e.g. iran. Without it: all negotiations, as an operator of the relay.",
        };
        var window = new Option<TimeSpan>("--window")
        {
            CustomParser = OptionValues.Duration,
            HelpName = "time",
            Description = "The time that silence, answers and alarms are of, up to now: a minute to 30 days.",
            DefaultValueFactory = static _ => TimeSpan.FromHours(1),
        };
        var every = new Option<TimeSpan>("--every")
        {
            CustomParser = OptionValues.Duration,
            HelpName = "time",
            Description = "How often it looks.",
            DefaultValueFactory = static _ => TimeSpan.FromSeconds(2),
        };
        var command = new Command(
            "top",
            "Show live what passes in a negotiation: flow, refusals, latency, answers, silence, and its ledger, verified here. Its last "
                + "line says which keys do what.")
        {
            delegation, target.Negotiation, window, every, ledger.RelayName, ledger.RelayKey, ledger.KeyFile, ledger.ClientCertificate,
            target.Http, target.Vault, target.State,
        };
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.Refuse(
            [target.Negotiation, window, ledger.RelayName, ledger.RelayKey, ledger.KeyFile, target.Vault],
            result => result.GetResult(delegation) is not { Tokens.Count: > 0 },
            option => $"{option.Name} is of use to a delegation only: name one, such as 'relay top iran', or leave {option.Name} out.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var length = parsed.GetRequiredValue(window);
            if (length < SignalWindow.Shortest || length > SignalWindow.Longest)
            {
                throw new CliFault($"--window is {length}.", "Expected a minute to 30 days, such as 15m, 2h or 7d.");
            }
            if (!terminal.IsScreen)
            {
                throw new CliFault(
                    "There is no terminal to draw on.",
                    "Run it in a terminal; for scripts there are 'relay status --json' and 'relay signals --json'.");
            }
            if (parsed.GetValue(delegation) is not { } reader)
            {
                using var asOperator = ledger.OpenAsOperator(parsed, target, terminal.Time);
                var overview = new TopOverview(new StatsLog(asOperator, terminal.Time));
                await new TopLoop(overview, parsed.GetRequiredValue(every), terminal.Time).RunAsync(cancellationToken);
                return ExitCode.Good;
            }
            var keys = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            using var http = ledger.OpenLog(parsed, target, reader, terminal.Time);
            var stats = new StatsLog(http, terminal.Time);
            var trusts = new List<LedgerTrust>();
            try
            {
                var readers = new List<TopReader>();
                foreach (var name in Negotiations(parsed, target, reader))
                {
                    var trust = ledger.OpenTrust(parsed, name, keys, terminal.Time);
                    trusts.Add(trust);
                    var log = new HttpLedgerLog(http, name, terminal.Time);
                    readers.Add(new TopReader(stats, log, new LedgerFeed(log, trust, name), length));
                }
                await new TopLoop(new TopMembership(readers), parsed.GetRequiredValue(every), terminal.Time).RunAsync(cancellationToken);
            }
            finally
            {
                trusts.ForEach(trust => trust.Dispose());
            }
            return ExitCode.Good;
        });
        return command;
    }

    // All of a local stack's that the delegation is in, unless one is named; of a relay elsewhere the one that is named.
    private static List<string> Negotiations(ParseResult parsed, TargetOptions target, string reader)
    {
        var named = parsed.GetRequiredValue(target.Negotiation);
        if (parsed.GetResult(target.Negotiation) is { Implicit: false } || parsed.GetValue(target.Http) is not null) return [named];
        var found = LocalLedgers.Of(target.StateFolder(parsed), reader).ToList();
        return found.Count == 0 ? [named] : found;
    }
}
