using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Client.Keys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Commands;

/// <summary><c>relay verify evidence</c>: judges a file of evidence, for anyone, with the relay's and the mediators' public keys.</summary>
internal static class VerifyEvidenceCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var file = new Argument<FileInfo>("file")
        {
            CustomParser = FileValues.Input("Give the path of what relay audit or relay listen wrote."),
            Description = "File that relay audit or relay listen wrote when the relay had signed what no honest relay signs.",
        };
        var command = new JudgingCommand(
            "evidence",
            "Judge a file of evidence against a relay. For anyone: it needs the relay's public key, where mediators' signatures are in "
            + "question theirs, and no word of who made the file. Proved means that the relay has lied as the file says.")
        {
            file, ledger.RelayName, ledger.RelayKey, ledger.KeyFile, target.Vault, target.State,
        };
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(file);
            var bytes = await VerifyCommand.ReadAsync(name, EvidenceFile.MaxBytes, cancellationToken);
            if (!EvidenceFile.TryParse(bytes, out var evidence, out var error)) throw new CliFault($"{name.Name} is no such file.", error);
            var prefix = parsed.GetRequiredValue(ledger.RelayName) + "/";
            if (!evidence.Origin.StartsWith(prefix, StringComparison.Ordinal))
            {
                throw new CliFault(
                    $"It speaks of {evidence.Origin}.", $"Expected a ledger of {prefix}; name the relay with --relay-name.");
            }

            var keys = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            var negotiation = evidence.Origin[prefix.Length..];
            var documents = await DocumentFile.ReadAllAsync(target.StateFolder(parsed), negotiation, cancellationToken);
            var inputs = await FindAsync(evidence, keys, documents, cancellationToken);
            return Tell(terminal, evidence, EvidenceJudge.Judge(evidence, inputs));
        });
        return command;
    }

    private static int Tell(Terminal terminal, EvidenceFile evidence, EvidenceVerdict verdict)
    {
        switch (verdict.Standing)
        {
            case EvidenceStanding.Proved:
                VerifyCommand.Yes(terminal, $"{evidence.Kind.ToText()} by {evidence.Origin}: {verdict.Detail}");
                return ExitCode.Good;
            case EvidenceStanding.NotProved:
                return VerifyCommand.No(terminal, verdict.Fault.ToString(), verdict.Detail);
            case EvidenceStanding.NotJudged:
                terminal.Out.Say($"[yellow]Not judged:[/] {verdict.Fault}: {verdict.Detail}");
                return ExitCode.NotProved;
        }

        throw new InvalidOperationException($"Expected a verdict, got {verdict.Standing}.");
    }

    /// <summary>Looks up every key that the file names, so that the judge itself asks nobody.</summary>
    private static async Task<EvidenceInputs> FindAsync(
        EvidenceFile evidence,
        (IMediatorKeys Keys, string RelayKey) keys,
        IReadOnlyList<NegotiationDocument> documents,
        CancellationToken cancellationToken)
    {
        var relay = new Dictionary<string, VerificationKey>(KeyIdentifier.TextComparer);
        foreach (var certificate in evidence.Certificates.Where(certificate => certificate.SignedBy.IsVersionOf(keys.RelayKey)))
        {
            await FindAsync(relay, keys.Keys, certificate.SignedBy, certificate.NotBefore, cancellationToken);
        }

        var mediators = new Dictionary<string, VerificationKey>(KeyIdentifier.TextComparer);
        foreach (var (signature, at) in evidence.Leaves.SelectMany(Signatures))
        {
            // A document names the mediators' keys: an identifier of anybody's never decides which vault is asked.
            if (!Known(evidence, documents).Any(document => document.TryFindMediator(signature.Key, out _))) continue;
            await FindAsync(mediators, keys.Keys, signature.Key, at, cancellationToken);
        }

        return new EvidenceInputs(
            id => relay.GetValueOrDefault(id.Text),
            (id, _) => mediators.GetValueOrDefault(id.Text),
            digest => documents.FirstOrDefault(document => document.PolicyDigest == digest));
    }

    private static IEnumerable<NegotiationDocument> Known(EvidenceFile evidence, IReadOnlyList<NegotiationDocument> documents) =>
        NegotiationDocument.TryParse(evidence.Document.Span, out var own, out _) ? documents.Append(own) : documents;

    private static IEnumerable<(EnvelopeSignature Signature, DateTimeOffset At)> Signatures(EvidenceLeaf leaf)
    {
        if (!LedgerEntry.TryParse(leaf.Entry.Span, out var entry, out _)) return [];
        IEnumerable<JudgedHead> heads = entry switch
        {
            EnvelopeEntry envelope => [envelope.Judged],
            EvidenceEntry other => other.Heads,
            _ => [],
        };
        return heads.SelectMany(head => head.Signed.Signatures).Select(signature => (signature, entry.At));
    }

    private static async Task FindAsync(
        Dictionary<string, VerificationKey> found,
        IMediatorKeys keys,
        KeyIdentifier id,
        DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        var lookup = await keys.FindAsync(id, at, cancellationToken);
        if (lookup.Outcome == SignatureOutcome.KeyUnavailable)
        {
            throw new CliFault($"The key {id.Key} cannot be read now.", "Is the vault reachable?");
        }

        if (lookup.Key is not null) found[id.Text] = lookup.Key;
    }
}
