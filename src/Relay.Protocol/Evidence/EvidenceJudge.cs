using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;

namespace Relay.Protocol.Evidence;

/// <summary>
/// Says whether a file of evidence proves what it says. A pure function of the file, the relay's keys, and where signatures of mediators
/// are in question their keys and the document. It needs no clock: a date takes nothing from what was signed under it. It calls no
/// relay a liar for what it does not know: a missing key or document, and an entry of a newer kind, are not judged.
/// </summary>
public static class EvidenceJudge
{
    /// <summary>Judges a file.</summary>
    /// <param name="file">As read.</param>
    /// <param name="inputs">The judge's own.</param>
    public static EvidenceVerdict Judge(EvidenceFile file, EvidenceInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(inputs);
        using var verifier = new ReceiptVerifier(file.Origin, inputs.FindRelayKey);
        foreach (var tree in file.Trees)
        {
            if (CheckTree(tree, verifier) is { } unsigned) return unsigned;
        }
        return file.Kind switch
        {
            LieKind.Fork => JudgeFork(file),
            LieKind.Rollback => JudgeRollback(file),
            LieKind.UnreadableEntry or LieKind.ForeignEntry or LieKind.ForbiddenEntry or LieKind.NoQuorum or LieKind.LateEntry
                or LieKind.FalseEvidence or LieKind.ForgedAcknowledgement or LieKind.ForgedPrekeys or LieKind.Accusation
                or LieKind.WrongWrap =>
                new EntryLie(file, inputs).Judge(),
            LieKind.BrokenPromise or LieKind.LoggedTwice or LieKind.BrokenOrder or LieKind.BrokenChain or LieKind.TimeBackwards
                or LieKind.FalseAcknowledgement or LieKind.AcknowledgedTwice or LieKind.PrekeyTwice or LieKind.BrokenPrekeys =>
                JudgePair(file),
        };
    }

    /// <summary>Judges the bytes of a file.</summary>
    public static EvidenceVerdict Judge(ReadOnlyMemory<byte> bytes, EvidenceInputs inputs) =>
        EvidenceFile.TryParse(bytes, out var file, out var error)
            ? Judge(file, inputs)
            : new EvidenceVerdict(EvidenceFault.Malformed, error);

    internal static EvidenceVerdict Proved(string detail) => new(EvidenceFault.None, detail);

    internal static EvidenceVerdict Nothing(string expected) =>
        new(EvidenceFault.ShowsNothing, $"expected {expected}, an honest relay may have signed this");

    private static EvidenceVerdict? CheckTree(EvidenceTree tree, ReceiptVerifier verifier)
    {
        // By a clock at which the certificate begins: that it begins late is no excuse for what was signed.
        var fault = verifier.Check(tree.Signed, tree.Signed.Certificate.NotBefore, out var detail) switch
        {
            ReceiptFault.None => EvidenceFault.None,
            // A version that others may have had accuses nobody.
            ReceiptFault.UnknownVaultKey or ReceiptFault.CompromisedVaultKey => EvidenceFault.UnknownRelayKey,
            ReceiptFault.BadCertificateSignature => EvidenceFault.BadCertificate,
            ReceiptFault.CertificateForOtherOrigin => EvidenceFault.CertificateForOtherOrigin,
            ReceiptFault.BadCheckpointSignature => EvidenceFault.BadCheckpointSignature,
            ReceiptFault.CheckpointNotSigned => EvidenceFault.CheckpointNotSigned,
            // The reader holds origins to each other, and the clock and the entry are not asked here.
            ReceiptFault.Malformed or ReceiptFault.BadExtra or ReceiptFault.BadEntry or ReceiptFault.BadCertificate
                or ReceiptFault.WrongOrigin or ReceiptFault.CertificateNotYetValid or ReceiptFault.CertificateExpired
                or ReceiptFault.NotIncluded or ReceiptFault.EntryInFuture or ReceiptFault.EntryForOtherEnvelope
                or ReceiptFault.EntryForOtherContent => EvidenceFault.Malformed,
        };
        if (fault != EvidenceFault.None) return new EvidenceVerdict(fault, detail);
        var checkpoint = tree.Signed.Checkpoint;
        foreach (var leaf in tree.Leaves)
        {
            var hash = MerkleHash.Leaf(leaf.Entry.Span);
            if (MerkleProof.VerifyInclusion(hash, leaf.Index, checkpoint.Size, leaf.Proof.AsSpan(), checkpoint.Root)) continue;
            return new EvidenceVerdict(
                EvidenceFault.NotIncluded,
                $"expected a proof from entry {leaf.Index} to the root at size {checkpoint.Size}, got one that leads elsewhere");
        }
        return null;
    }

    private static EvidenceVerdict JudgeFork(EvidenceFile file)
    {
        var (first, second) = (file.Trees[0].Signed.Checkpoint, file.Trees[1].Signed.Checkpoint);
        if (first.Size == second.Size && file.Root is null)
        {
            return first.Root == second.Root
                ? Nothing($"two roots at size {first.Size}")
                : Proved($"the relay signed two trees of size {first.Size}: root {first.Root} and root {second.Root}");
        }
        if (file.Root is not { } root) return Nothing($"the root that the tree of {second.Size} had at size {first.Size}");
        if (!MerkleProof.VerifyConsistency(first.Size, root.Root, second.Size, second.Root, root.Proof.AsSpan()))
        {
            return new EvidenceVerdict(
                EvidenceFault.NotConsistent,
                $"expected a proof from root {root.Root} at size {first.Size} to the root at size {second.Size}, got another");
        }
        return root.Root == first.Root
            ? Nothing($"another root than {first.Root} at size {first.Size}")
            : Proved(
                $"the relay signed root {first.Root} at size {first.Size}, and a tree of {second.Size} that had root {root.Root} then");
    }

    private static EvidenceVerdict JudgeRollback(EvidenceFile file)
    {
        var (larger, smaller) = (file.Trees[0].Signed, file.Trees[1].Signed);
        if (smaller.Checkpoint.Size >= larger.Checkpoint.Size) return Nothing($"a tree smaller than {larger.Checkpoint.Size}");
        var (ended, began) = (larger.Certificate.ExpiresAt, smaller.Certificate.NotBefore);
        return began <= ended + EnvelopeLimits.MaxClockSkew
            ? Nothing($"a key that began more than two minutes after {ended:u}, when the larger tree's had ended")
            : Proved(
                $"the relay signed a tree of {larger.Checkpoint.Size} entries before {ended:u}, and one of "
                    + $"{smaller.Checkpoint.Size} after {began:u}");
    }

    private static EvidenceVerdict JudgePair(EvidenceFile file)
    {
        EvidenceLeaf[] leaves = [.. file.Leaves];
        if (file.Kind != LieKind.BrokenPromise && leaves.FirstOrDefault(leaf => EntryLie.IsOfUnknownKind(leaf.Entry.Span)) is { } unknown)
        {
            return EntryLie.UnknownKind(unknown);
        }
        return EvidencePair.Shows(file.Kind, leaves[0], leaves[1], out var detail)
            ? Proved(detail)
            : Nothing($"two entries that show {file.Kind.ToText()}");
    }
}
