using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay verify</c>: checks a receipt, a ledger or a proof of a lie, and says step by step what holds.</summary>
internal static class VerifyCommand
{
    public static Command Create(Terminal terminal) => new(
        "verify",
        "Check what a relay has signed: a receipt, what a delegation acknowledged, a whole ledger, what the dashboard has exported, or "
        + "evidence that the relay has lied; or an envelope, before a relay is asked.")
    {
        VerifyEnvelope.Create(terminal),
        CreateReceipt(terminal),
        VerifyAcknowledgement.Create(terminal),
        CreateLedger(terminal),
        VerifyExportCommand.Create(terminal),
        VerifyEvidenceCommand.Create(terminal),
    };

    private static JudgingCommand CreateReceipt(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var document = new DocumentTarget(target);
        var receiptFile = new Argument<FileInfo>("receipt")
        {
            CustomParser = FileValues.Input("Save receipts with 'relay listen --save-receipts'."),
            Description = "File with the receipt (text, begins with c2sp.org/tlog-proof@v1), as relay listen --save-receipts or the "
                + "HTTP API gives it.",
        };
        var envelopeFile = new Option<FileInfo?>("--envelope")
        {
            CustomParser = FileValues.Input("Give the path of the envelope."),
            Description = "File with the envelope it is for; without it, only that the relay committed to the entry is checked.",
            HelpName = "file",
        };
        var command = new JudgingCommand(
            "receipt",
            "Check a receipt: who signed it, that the entry is in the tree, and that it is the entry of this envelope. Needs the relay's "
            + "public key from its vault, and nothing else of the relay.")
        {
            receiptFile, envelopeFile, document.Files, ledger.RelayName, ledger.RelayKey, ledger.KeyFile, target.Vault, target.State,
        };
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bytes = await FileValues.ReadAsync(parsed.GetRequiredValue(receiptFile), TlogProof.MaxBytes, cancellationToken);
            if (!bytes.AsSpan().StartsWith("c2sp.org/tlog-proof@"u8))
            {
                throw new CliFault(
                    $"{parsed.GetRequiredValue(receiptFile).Name} is not a receipt.",
                    "Expected a text that begins with c2sp.org/tlog-proof@v1, as 'relay listen --save-receipts' writes it.");
            }

            if (!Receipt.TryParse(bytes, out var receipt, out var fault, out var error)) return No(terminal, fault.Code(), error);
            var keys = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            using var trust = ledger.OpenTrust(parsed, receipt.Entry.Id.Negotiation, keys, terminal.Time);
            Envelope? envelope = null;
            if (parsed.GetValue(envelopeFile) is { } file
                && !Envelope.TryParse(
                    await EnvelopeFile.ReadAsync(file, cancellationToken),
                    EnvelopeLimits.Default,
                    out envelope,
                    out var envelopeFault,
                    out error))
            {
                throw new CliFault($"{file.Name} is not an envelope ({envelopeFault}).", error);
            }

            var check = envelope is null
                ? await trust.CheckAsync(receipt, cancellationToken)
                : await trust.CheckAsync(receipt, envelope.Head, cancellationToken);
            if (!check.Holds) return No(terminal, check);
            Yes(terminal, $"signed by {receipt.Checkpoint.Origin} with a key certified by {receipt.Certificate.SignedBy}");
            Yes(terminal, $"entry {receipt.Proof.Index} of a tree of {receipt.Checkpoint.Size}, root {receipt.Checkpoint.Root}");
            var documents = await document.ReadAllAsync(parsed, receipt.Entry.Id.Negotiation, cancellationToken);
            var judge = new EntryJudge(documents, keys.Keys);
            var judged = await judge.JudgeAsync(receipt.Entry, cancellationToken);
            if (judged is var (kind, problem) && new AuditFinding(kind, problem).IsProved) return No(terminal, kind.ToString(), problem);
            var audience = string.Join(", ", receipt.Entry.Head.Audience);
            var signers = string.Join(", ", receipt.Entry.Judged.Signed.Signatures.Select(signature => signature.Key.Name));
            Yes(
                terminal,
                $"{receipt.Entry.Id} for {audience}, logged {receipt.Entry.At:u} by the relay's clock, with signatures of {signers}");
            if (judged is null) Yes(terminal, $"the signatures reach the quorum of the document with digest {receipt.Entry.Policy}");
            else terminal.Out.Say(
                $"Not proved: whether those signatures reach the quorum. {judged.Value.Detail}. Give the document with --document.");
            if (envelope is null) terminal.Out.Say($"Not checked: which envelope it is for (--envelope).");
            else Yes(terminal, $"it is the receipt of {parsed.GetValue(envelopeFile)!.Name}");
            return judged is null ? ExitCode.Good : ExitCode.NotProved;
        });
        return command;
    }

    private static JudgingCommand CreateLedger(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var document = new DocumentTarget(target);
        var delegation = new Option<string>("--as")
        {
            CustomParser = OptionValues.Name,
            Description = "Delegation whose client certificate reads the ledger.",
            HelpName = "delegation",
            DefaultValueFactory = static _ => "us",
        };
        var command = new JudgingCommand(
            "ledger",
            "Read a negotiation's whole ledger over HTTP and check it: every entry hashed, the root signed, every envelope vouched for by "
            + "a quorum, ids and sequences in order, time running forward.")
        {
            target.Negotiation, delegation, document.Files, ledger.RelayName, ledger.RelayKey, ledger.KeyFile, ledger.ClientCertificate,
            target.Http, target.Vault, target.State,
        };
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.TakeOnlyWithout(ledger.ClientCertificate, delegation);
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(target.Negotiation);
            var reader = parsed.GetRequiredValue(delegation);
            if (parsed.GetValue(target.Http) is null)
            {
                DocumentFile.Require(await document.ReadInForceAsync(parsed, name, cancellationToken), reader);
            }

            var keys = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            using var trust = ledger.OpenTrust(parsed, name, keys, terminal.Time);
            using var http = ledger.OpenLog(parsed, target, reader, terminal.Time);
            var judge = new EntryJudge(await document.ReadAllAsync(parsed, name, cancellationToken), keys.Keys);
            var auditor = new LedgerAuditor(
                trust,
                new LedgerView(trust.Origin),
                new HttpLedgerLog(http, name, terminal.Time),
                judge,
                null,
                TimeSpan.Zero,
                TimeSpan.Zero,
                terminal.Time);
            var report = await auditor.RunAsync([], cancellationToken);
            if (report.Checkpoint is null && report.Findings.Count == 0) throw LedgerTarget.NoLedger(name);
            foreach (var finding in report.Findings) No(terminal, finding.Kind.ToString(), finding.Detail);
            if (report.Findings.Count > 0) return report.Findings.Any(finding => finding.IsProved) ? ExitCode.Bad : ExitCode.NotProved;
            Yes(
                terminal,
                $"{report.Entries} entries of {trust.Origin}, root {report.Checkpoint!.Root}, all as signed, each with its quorum");
            return 0;
        });
        return command;
    }

    internal static void Yes(Terminal terminal, string text) => terminal.Out.Say($"[green]holds:[/] {text}");

    /// <summary>What a receipt that does not hold comes to: bad, or not proved where its key was withdrawn as compromised.</summary>
    /// <exception cref="CliFault">The key could not be read: nothing is known.</exception>
    internal static int No(Terminal terminal, in ReceiptCheck check)
    {
        if (check.KeyUnavailable) throw new CliFault(check.Detail, "Is the vault reachable?");
        if (check.Fault != ReceiptFault.CompromisedVaultKey) return No(terminal, check.Fault.Code(), check.Detail);
        terminal.Out.Say($"Not proved: {check.Detail}.");
        return ExitCode.NotProved;
    }

    internal static int No(Terminal terminal, string code, string detail)
    {
        terminal.Out.Say($"[red]does not hold:[/] {code}: {detail}");
        return ExitCode.Bad;
    }
}
