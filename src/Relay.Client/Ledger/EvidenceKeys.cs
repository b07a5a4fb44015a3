using Relay.Client.Keys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Client.Ledger;

/// <summary>Looks up every key that a file of evidence names, so that <see cref="EvidenceJudge"/> itself asks nobody.</summary>
/// <param name="relayKeys">Where the relay's public keys come from.</param>
/// <param name="relayKey">The relay's vault key, without version.</param>
/// <param name="mediatorKeys">Where mediators' public keys come from.</param>
/// <param name="documents">The negotiation's documents that are at hand.</param>
public sealed class EvidenceKeys(
    IMediatorKeys relayKeys, string relayKey, IMediatorKeys mediatorKeys, IReadOnlyCollection<NegotiationDocument> documents)
{
    /// <summary>Judges a file with the keys that can be had.</summary>
    /// <returns>The verdict; a key that cannot be read now is one that is not at hand.</returns>
    public async ValueTask<EvidenceVerdict> JudgeAsync(EvidenceFile file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        var relay = new Dictionary<string, VerificationKey>(KeyIdentifier.TextComparer);
        foreach (var certificate in file.Certificates.Where(certificate => certificate.SignedBy.IsVersionOf(relayKey)))
        {
            var found = await relayKeys.FindAsync(
                certificate.SignedBy, certificate.NotBefore, cancellationToken).ConfigureAwait(false);
            // Whoever else has had a compromised key can have made the file: it accuses nobody.
            if (found is { Key: { } key, CompromisedSince: null }) relay[certificate.SignedBy.Text] = key;
        }
        var mediators = new Dictionary<string, VerificationKey>(KeyIdentifier.TextComparer);
        var known = NegotiationDocument.TryParse(file.Document.Span, out var own, out _) ? [.. documents, own] : documents;
        foreach (var (signature, at) in file.Leaves.SelectMany(Signatures))
        {
            // A document names the mediators' keys: an identifier of anybody's never decides which vault is asked.
            if (!known.Any(document => document.TryFindMediator(signature.Key, out _))) continue;
            var found = await mediatorKeys.FindAsync(signature.Key, at, cancellationToken).ConfigureAwait(false);
            if (found.Key is { } key) mediators[signature.Key.Text] = key;
        }
        var inputs = new EvidenceInputs(
            id => relay.GetValueOrDefault(id.Text),
            (id, _) => mediators.GetValueOrDefault(id.Text),
            digest => documents.FirstOrDefault(document => document.PolicyDigest == digest));
        return EvidenceJudge.Judge(file, inputs);
    }

    private static IEnumerable<(EnvelopeSignature Signature, DateTimeOffset At)> Signatures(EvidenceLeaf leaf)
    {
        if (!LedgerEntry.TryParse(leaf.Entry.Span, out var entry, out _)) return [];
        return entry.JudgedHeads.SelectMany(head => head.Signed.Signatures).Select(signature => (signature, entry.At));
    }
}
