using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;

namespace Relay.Client.Ledger;

/// <summary>
/// Keeps, while a ledger is read, the entries that something is wrong with and what they do not fit, and makes files of evidence of them
/// once the tree is known. Bounded: one file is enough, and <see cref="MaxCharges"/> are made at most. One loop's alone.
/// </summary>
/// <param name="documents">The negotiation's documents that are at hand.</param>
internal sealed class LieFinder(IReadOnlyCollection<NegotiationDocument> documents)
{
    private const int MaxCharges = 64;

    private readonly Dictionary<StreamId, (long Index, ReadOnlyMemory<byte> Text)> _last = [];
    private readonly List<(long Index, LieKind Kind, ImmutableArray<(long Index, ReadOnlyMemory<byte> Text)> Entries)> _charges = [];
    private (long Index, ReadOnlyMemory<byte> Text, DateTimeOffset At)? _latest;

    /// <summary>Takes the next entry.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="text">Its text; kept while it may be needed.</param>
    /// <param name="entry">What it reads as; null when it reads as nothing.</param>
    /// <param name="isSuspect">Something is wrong with it, or it is to be shown to others.</param>
    public void Take(long index, ReadOnlyMemory<byte> text, LedgerEntry? entry, bool isSuspect)
    {
        if (isSuspect) Suspect(index, text, entry);
        if (entry is null) return;
        if (_latest is not { } latest || entry.At >= latest.At) _latest = (index, text, entry.At);
        if (entry is EnvelopeEntry envelope) _last[envelope.Id.Stream] = (index, text);
    }

    /// <summary>Files about an entry, the likeliest first; whether they prove anything is for the judge.</summary>
    public IEnumerable<EvidenceFile> About(long index, MerkleTree tree, SignedCheckpoint signed)
    {
        foreach (var charge in _charges.Where(charge => charge.Index == index))
        {
            var leaves = charge.Entries.Select(entry => Leaf(entry.Index, entry.Text, tree)).ToImmutableArray();
            EvidenceRoot? root = null;
            if (charge.Kind == LieKind.FalseEvidence && SeenBy(charge.Entries[0].Text) is { } seen && seen.Size <= index)
            {
                MerkleProof.TryBuildConsistency(tree, seen.Size, tree.Size, out var proof);
                root = new EvidenceRoot(seen.Root, proof);
            }
            var document = DocumentOf(charge.Kind, charge.Entries[0].Text);
            yield return EvidenceFile.Create(charge.Kind, [new EvidenceTree(signed, leaves)], root, document);
        }
    }

    private void Suspect(long index, ReadOnlyMemory<byte> text, LedgerEntry? entry)
    {
        if (entry is null)
        {
            Charge(LieKind.FalseEvidence, (index, text));
            Charge(LieKind.UnreadableEntry, (index, text));
            return;
        }
        if (entry is EnvelopeEntry envelope && _last.TryGetValue(envelope.Id.Stream, out var last)) ChargePair(index, last, (index, text));
        if (_latest is { } latest && entry.At < latest.At) Charge(LieKind.TimeBackwards, (latest.Index, latest.Text), (index, text));
        if (!entry.JudgedHeads.IsEmpty)
        {
            Charge(LieKind.ForeignEntry, (index, text));
            Charge(LieKind.ForbiddenEntry, (index, text));
            Charge(LieKind.NoQuorum, (index, text));
        }
        if (entry is EvidenceEntry) Charge(LieKind.FalseEvidence, (index, text));
        if (entry is AcknowledgementEntry)
        {
            Charge(LieKind.ForeignEntry, (index, text));
            Charge(LieKind.ForgedAcknowledgement, (index, text));
        }
        if (entry is PrekeyChainEntry)
        {
            Charge(LieKind.ForeignEntry, (index, text));
            Charge(LieKind.ForgedPrekeys, (index, text));
            Charge(LieKind.ForbiddenEntry, (index, text));
        }
        Charge(LieKind.LateEntry, (index, text));
        if (entry is EvidenceEntry) Charge(LieKind.Accusation, (index, text));
    }

    /// <summary>Two entries that may not fit, whatever else is wrong with the one.</summary>
    /// <param name="about">Index of the one that something is wrong with.</param>
    /// <param name="first">An entry.</param>
    /// <param name="second">The other.</param>
    public void ChargePair(
        long about, (long Index, ReadOnlyMemory<byte> Text) first, (long Index, ReadOnlyMemory<byte> Text) second)
    {
        var kind = EvidenceFile.Between(new EvidenceLeaf(first.Index, first.Text, []), new EvidenceLeaf(second.Index, second.Text, []));
        if (kind is { } shown) Charge(about, shown, [first, second]);
    }

    private void Charge(LieKind kind, params ImmutableArray<(long Index, ReadOnlyMemory<byte> Text)> entries) =>
        Charge(entries[^1].Index, kind, entries);

    private void Charge(long about, LieKind kind, ImmutableArray<(long Index, ReadOnlyMemory<byte> Text)> entries)
    {
        if (_charges.Count < MaxCharges * Enum.GetValues<LieKind>().Length) _charges.Add((about, kind, entries));
    }

    private static EvidenceLeaf Leaf(long index, ReadOnlyMemory<byte> text, MerkleTree tree) =>
        MerkleProof.TryBuildInclusion(tree, index, tree.Size, out var proof)
            ? new EvidenceLeaf(index, text, proof)
            : throw new InvalidOperationException($"Expected entry {index} in a tree of {tree.Size}.");

    private static SeenCheckpoint? SeenBy(ReadOnlyMemory<byte> text) =>
        LedgerEntry.TryParse(text.Span, out var entry, out _) && entry is EvidenceEntry { Shows: EvidenceKind.ForkSeen } evidence
            ? evidence.Came.Seen
            : null;

    // It goes along as long as it keeps the file small; whoever judges may have it anyway.
    private ReadOnlyMemory<byte> DocumentOf(LieKind kind, ReadOnlyMemory<byte> text)
    {
        var isJudgedByOne = kind is LieKind.ForbiddenEntry or LieKind.NoQuorum or LieKind.ForgedAcknowledgement or LieKind.ForgedPrekeys
            or LieKind.Accusation;
        if (!isJudgedByOne || !LedgerEntry.TryParse(text.Span, out var entry, out _)) return default;
        return documents.FirstOrDefault(document => document.PolicyDigest == entry.JudgedBy)?.Bytes ?? default;
    }
}
