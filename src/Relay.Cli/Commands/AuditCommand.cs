using System.CommandLine;
using System.Globalization;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Signing;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Protocol.Evidence;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay audit</c>: whether everything addressed to a delegation has arrived, and the relay has shown it one ledger.</summary>
internal static class AuditCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var document = new DocumentTarget(target);
        var delegation = new Argument<string>("delegation")
        {
            CustomParser = OptionValues.Name,
            Description = "Delegation to audit for, e.g. iran; what 'relay listen' has kept for it is compared.",
        };
        var grace = new Option<TimeSpan>("--grace")
        {
            CustomParser = OptionValues.Duration,
            HelpName = "time",
            Description = "An envelope logged less than this long ago may still be under way.",
            DefaultValueFactory = static _ => TimeSpan.FromMinutes(2),
        };
        var evidence = new Option<DirectoryInfo>("--evidence")
        {
            CustomParser = FileValues.Folder,
            Description = "Folder for proofs, should the relay have contradicted itself.",
            HelpName = "folder",
            DefaultValueFactory = static _ => new DirectoryInfo("."),
        };
        var acknowledged = new Option<DirectoryInfo?>("--save-acknowledgements")
        {
            CustomParser = FileValues.Folder,
            Description = "Folder for the receipts of what was said of its own envelopes, for relay verify acknowledgement.",
            HelpName = "folder",
        };
        var command = new JudgingCommand(
            "audit",
            "Audit the relay for a delegation: read the whole ledger, compare it with every checkpoint and envelope the delegation has "
            + "ever received, and list what is addressed to it and has not arrived, "
            + "and what it has signed and is missing, held or expired, opened, refused or without an answer. "
            + "Where the relay has signed two things that do not fit, write a file that anyone can check (relay verify evidence).")
        {
            delegation, target.Negotiation, grace, evidence, acknowledged, document.Files, ledger.RelayName, ledger.RelayKey,
            ledger.KeyFile, ledger.ClientCertificate, target.Http, target.Vault, target.State,
        };
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(delegation);
            var negotiationName = parsed.GetRequiredValue(target.Negotiation);
            var state = target.StateFolder(parsed);
            if (parsed.GetValue(target.Http) is null || document.AreNamed(parsed))
            {
                DocumentFile.Require(await document.ReadInForceAsync(parsed, negotiationName, cancellationToken), name);
            }

            var keys = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            using var trust = ledger.OpenTrust(parsed, negotiationName, keys, terminal.Time);
            var judge = new EntryJudge(await document.ReadAllAsync(parsed, negotiationName, cancellationToken), keys.Keys);
            using var http = ledger.OpenLog(parsed, target, name, terminal.Time);
            using var only = ListenLock.TryTake(state, name, out _);
            var kept = DelegationFolder.Open(state, name, terminal.Time);
            var inbox = await kept.ReadSeenAsync(negotiationName, trust.Origin, cancellationToken);
            var log = new HttpLedgerLog(http, negotiationName, terminal.Time);
            var auditor = new LedgerAuditor(trust, inbox.View, log, judge, name, parsed.GetRequiredValue(grace), Patience, terminal.Time);
            var report = await auditor.RunAsync(await kept.ReadArrivalsAsync(negotiationName, cancellationToken), cancellationToken);
            // A listener that runs keeps what it sees itself, and this would put it back to where it stood when the audit began.
            if (only is not null) await kept.SaveInboxAsync(negotiationName, inbox, null, cancellationToken);
            await PrintAsync(terminal, report, negotiationName, state, parsed.GetRequiredValue(evidence), cancellationToken);
            var streams = await SentStreams.ReadAsync(
                parsed, target, ledger, name, negotiationName, parsed.GetRequiredValue(grace), report.Sent, terminal.Time,
                cancellationToken);
            SentStreams.Print(terminal, streams);
            var sent = SentStreamReport.Tally(streams);
            await SaveAsync(parsed.GetValue(acknowledged), report, cancellationToken);
            if (sent is { Streams: > 0, Whole: true, Problems: 0 })
            {
                // So says the relay; the ledger has to say it too.
                var proof = await SentProof.CompareAsync(
                    state, report, trust, log, name, negotiationName, parsed.GetRequiredValue(grace), terminal.Time, cancellationToken);
                foreach (var problem in proof.Problems) terminal.Out.Say($"[red]{problem.Code}:[/] {problem.Problem} {problem.Fix}");
                sent = sent with { Problems = proof.Problems.Count, Whole = proof.IsWhole && proof.Problems.Count == 0 };
            }

            // A relay that shows nothing has shown nothing good either.
            if (report.Checkpoint is null && report.Findings.Count == 0) throw LedgerTarget.NoLedger(negotiationName);
            if (report.Findings.Count == 0 && sent is { Whole: true, AllLogged: true })
            {
                const string Arrived = "everything in it for this delegation has arrived or is under way";
                terminal.Out.Say($"[green]All is well: one ledger, {Arrived}, and everything it has signed is in it.[/]");
            }

            if (report.Findings.Any(finding => finding.IsProved) || sent.Problems > 0) return ExitCode.Bad;
            if (report.Findings.Count == 0 && sent.Whole) return ExitCode.Good;
            terminal.Out.Say($"[yellow]Not proved:[/] not everything could be checked; nothing that was is wrong.");
            return ExitCode.NotProved;
        });
        return command;
    }

    private static async Task SaveAsync(DirectoryInfo? folder, AuditReport report, CancellationToken cancellationToken)
    {
        if (folder is null) return;
        folder.Create();
        foreach (var (envelope, answer) in report.Sent.SelectMany(sent => sent.Answers.Select(answer => (sent, answer))))
        {
            var name = $"{envelope.Id.ToString().Replace('/', '-')}-{answer.Said.Delegation}.acknowledgement";
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, name), report.FindReceipt(answer)!, cancellationToken);
        }
    }

    private static async Task PrintAsync(
        Terminal terminal, AuditReport report, string negotiation, string state, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false }.AddColumns("", "");
        table.AddRow("ledger", report.Checkpoint is { } checkpoint ? $"{report.Entries} entries, root {checkpoint.Root}" : "none shown");
        table.AddRow("addressed to it", Text(report.Addressed));
        table.AddRow("arrived", Text(report.Arrived));
        table.AddRow("under way", Text(report.UnderWay));
        table.AddRow("checkpoints compared", Text(report.Compared));
        table.AddRow("accusations in it", Text(report.Accusations.Count));
        terminal.Out.Write(table);
        var proofs = 0;
        foreach (var finding in report.Findings)
        {
            terminal.Out.Say($"[red]{finding.Kind}:[/] {finding.Detail}");
            if (finding.Contradiction is { } file) await WriteAsync(file);
        }

        foreach (var accusation in report.Accusations)
        {
            var (at, what) = (accusation.Entry.At, accusation.Entry.Describe());
            terminal.Out.Say($"[yellow]accusation[/] at entry {accusation.Index}, which the relay says came at {at:u}: {what}.");
            if (accusation.Problem is { } problem) terminal.Out.Say($"  [red]does not hold:[/] {problem}");
            else terminal.Out.Say($"  holds: each head has its quorum");
            if (accusation.Evidence is { } file) await WriteAsync(file);
        }

        terminal.Out.Say($"Times, modes and heartbeats in it are what the relay says; nothing else here is.");

        async Task WriteAsync(EvidenceFile file)
        {
            folder.Create();
            var name = string.Create(CultureInfo.InvariantCulture, $"{negotiation}-{file.Kind.ToText()}-{++proofs}.evidence");
            var path = Path.Combine(folder.FullName, name);
            await File.WriteAllBytesAsync(path, file.Bytes.ToArray(), cancellationToken);
            terminal.Out.Say($"  proof in {path}; check it with: {PastedCommand.Of(state, "verify", "evidence", path)}");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
