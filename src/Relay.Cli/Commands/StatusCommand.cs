using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Signing;
using Relay.Cli.Targets;

namespace Relay.Cli.Commands;

/// <summary><c>relay status</c>: whether what a delegation has signed is in the ledger, and what to do about what is not.</summary>
internal static class StatusCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var delegation = new Argument<string>("delegation")
        {
            CustomParser = OptionValues.Name,
            Description = "Delegation that has signed, e.g. us; the copies that 'relay sign' keeps in the state folder are compared.",
        };
        var grace = new Option<TimeSpan>("--grace")
        {
            CustomParser = OptionValues.Duration,
            HelpName = "time",
            Description = "An envelope made less than this long ago may still be under way.",
            DefaultValueFactory = static _ => TimeSpan.FromMinutes(2),
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON document, for scripts, instead of lines." };
        var command = new JudgingCommand(
            "status",
            "Say how far a delegation's own envelopes have come: what is in the ledger, who has opened or refused it, what is missing, "
                + "held or expired, and the command that mends it.")
        {
            delegation, target.Negotiation, grace, json, ledger.ClientCertificate, target.Http, target.State,
        };
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (sender, name) = (parsed.GetRequiredValue(delegation), parsed.GetRequiredValue(target.Negotiation));
            if (parsed.GetValue(target.Http) is null)
            {
                DocumentFile.Require(await DocumentFile.ReadAsync(target.StateFolder(parsed), name, cancellationToken), sender);
            }
            var streams = await SentStreams.ReadAsync(
                parsed, target, ledger, sender, name, parsed.GetRequiredValue(grace), null, terminal.Time, cancellationToken);
            var tally = SentStreamReport.Tally(streams);
            if (parsed.GetValue(json))
            {
                terminal.Raw.Write(SentJson.Write(name, sender, terminal.Time.GetUtcNow(), streams));
                return tally.ExitCode;
            }
            SentStreams.Print(terminal, streams);
            if (tally.Streams == 0) terminal.Out.Say($"{sender} has signed nothing in {name} with this state folder.");
            else if (tally is { Whole: true, AllLogged: true }) terminal.Out.Say($"[green]Everything made is in the ledger.[/]");
            return tally.ExitCode;
        });
        return command;
    }
}
