using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Commands;

/// <summary><c>relay verify acknowledgement</c>: shows anyone, offline, what a delegation said of an envelope.</summary>
internal static class VerifyAcknowledgement
{
    public static JudgingCommand Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var document = new DocumentTarget(target);
        var file = new Argument<FileInfo>("receipt")
        {
            CustomParser = FileValues.Input("Save them with 'relay audit --save-acknowledgements' or 'relay listen --save-receipts'."),
            Description = "File with the receipt of an acknowledgement (text, begins with c2sp.org/tlog-proof@v1).",
        };
        var envelope = new Option<FileInfo?>("--envelope")
        {
            CustomParser = FileValues.Input("Give the path of the envelope."),
            Description = "File with the envelope that was acknowledged; without it, whether the delegation was addressed is not checked.",
            HelpName = "file",
        };
        var command = new JudgingCommand(
            "acknowledgement",
            "Check what a delegation said of an envelope: signed by its identity key, and in the relay's ledger. For anyone: it needs the "
                + "negotiation document and the relay's public key.")
        {
            file, document.Files, envelope, ledger.RelayName, ledger.RelayKey, ledger.KeyFile, target.Vault, target.State,
        };
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bytes = await FileValues.ReadAsync(parsed.GetRequiredValue(file), TlogProof.MaxBytes, cancellationToken);
            if (!AcknowledgementReceipt.TryParse(bytes, out var receipt, out var fault, out var error))
            {
                return VerifyCommand.No(terminal, fault.Code(), error);
            }
            var said = receipt.Entry.Acknowledgement;
            var keys = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            using var trust = ledger.OpenTrust(parsed, said.Id.Negotiation, keys, terminal.Time);
            var check = await trust.CheckAsync(receipt, cancellationToken);
            if (!check.Holds) return VerifyCommand.No(terminal, check);
            VerifyCommand.Yes(
                terminal, $"entry {receipt.Proof.Index} of {receipt.Checkpoint.Origin}, logged {receipt.Entry.At:u} by the relay's clock");
            var documents = await document.ReadAllAsync(parsed, said.Id.Negotiation, cancellationToken);
            // The entry names the document that the relay judged it by; another one that has the key may show as much, and proves no lie.
            var judgedBy = documents.FirstOrDefault(one => one.PolicyDigest == receipt.Entry.Policy);
            var isSigned = IsSigned(terminal, said, judgedBy is null ? documents : [judgedBy], judgedBy is not null);
            if (isSigned == ExitCode.Bad) return ExitCode.Bad;
            return await CheckEnvelopeAsync(terminal, said, parsed.GetValue(envelope), cancellationToken) is ExitCode.Good
                ? isSigned
                : ExitCode.Bad;
        });
        return command;
    }

    private static int IsSigned(Terminal terminal, Acknowledgement said, IReadOnlyList<NegotiationDocument> documents, bool isNamed)
    {
        var (code, problem) = ("", "no document of the negotiation is at hand");
        foreach (var document in documents)
        {
            var fault = said.Verify(document, out var detail);
            if (fault == AcknowledgementFault.None)
            {
                VerifyCommand.Yes(
                    terminal,
                    $"{said.Delegation} has said that {said.Id} (digest {said.Digest}) was {said}, {said.IssuedAt:u} by its own clock");
                VerifyCommand.Yes(terminal, $"signed by {said.KeyId} of the document with digest {document.PolicyDigest}");
                return ExitCode.Good;
            }
            if (code.Length == 0) (code, problem) = (fault.Code(), detail);
        }

        if (isNamed) return VerifyCommand.No(terminal, code, problem);
        terminal.Out.Say($"Not proved: whether {said.Delegation} has said so. {problem}. Give the document with --document.");
        return ExitCode.NotProved;
    }

    private static async Task<int> CheckEnvelopeAsync(
        Terminal terminal, Acknowledgement said, FileInfo? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            terminal.Out.Say($"Not checked: which envelope has that digest, and that {said.Delegation} was addressed (--envelope).");
            return ExitCode.Good;
        }
        var wire = await EnvelopeFile.ReadAsync(file, cancellationToken);
        if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out var broken, out var error))
        {
            throw new CliFault($"{file.Name} is not an envelope ({broken}).", error);
        }
        var fault = said.CheckEnvelope(envelope.Head, out var detail);
        if (fault != AcknowledgementFault.None) return VerifyCommand.No(terminal, fault.Code(), detail);
        VerifyCommand.Yes(terminal, $"{file.Name} is that envelope, and {said.Delegation} one of its addressees");
        return ExitCode.Good;
    }
}
