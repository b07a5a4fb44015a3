using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Reading;
using Relay.Cli.Targets;
using Relay.Client.Ledger;

namespace Relay.Cli.Commands;

/// <summary><c>relay verify export</c>: checks the ledger in a file that the dashboard has exported, without its relay.</summary>
internal static class VerifyExportCommand
{
    public static JudgingCommand Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var document = new DocumentTarget(target);
        var file = new Argument<FileInfo>("export")
        {
            CustomParser = FileValues.Input("Save one with the dashboard's Export button."),
            Description = "The file that the dashboard's Export button saves.",
        };
        var command = new JudgingCommand(
            "export",
            "Check what the dashboard has exported, without the relay: every entry hashed, the root signed, every envelope vouched for "
                + "by a quorum of the documents that you name.")
        {
            file, document.Files, ledger.RelayName, ledger.RelayKey, ledger.KeyFile, target.Vault, target.State,
        };
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var log = ExportedLedger.Parse(await FileValues.ReadAsync(path, ExportedLedger.MaxBytes, cancellationToken), path.Name);
            var keys = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            using var trust = ledger.OpenTrust(parsed, log.Negotiation, keys, terminal.Time);
            // The documents in the file are the relay's word: those that count are the reader's own.
            var judge = new EntryJudge(await document.ReadAllAsync(parsed, log.Negotiation, cancellationToken), keys.Keys);
            var auditor = new LedgerAuditor(
                trust, new LedgerView(trust.Origin), log, judge, null, TimeSpan.Zero, TimeSpan.Zero, terminal.Time);
            var report = await auditor.RunAsync([], cancellationToken);
            foreach (var finding in report.Findings) VerifyCommand.No(terminal, finding.Kind.ToString(), finding.Detail);
            if (report.Findings.Any(finding => finding.IsProved)) return ExitCode.Bad;
            if (report.Findings.Count > 0 || report.Checkpoint is null) return ExitCode.NotProved;
            var root = report.Checkpoint.Root;
            VerifyCommand.Yes(
                terminal, $"{report.Entries} entries of {trust.Origin}, root {root}, all as signed, each with its quorum");
            return ExitCode.Good;
        });
        return command;
    }
}
