using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;

namespace Relay.Client.Ledger;

/// <summary>
/// Makes evidence of what an audit found in entries, and a list of the ledger's accusations. What can be shown to others is, and only what
/// the judge of such files calls proved. One loop's alone.
/// </summary>
internal sealed class AuditProofs(LedgerTrust trust, EntryJudge judge, ILedgerLog log)
{
    private readonly EvidenceKeys _keys = new(trust.Keys, trust.VaultKey, judge.Keys, judge.Documents);
    private readonly LieFinder _lies = new(judge.Documents);
    private readonly List<(long Index, EvidenceEntry Entry)> _evidence = [];
    private readonly List<Accusation> _accusations = [];

    /// <summary>The ledger's evidence entries, once they are proved to be the ledger's.</summary>
    public IReadOnlyList<Accusation> Accusations => _accusations;

    /// <summary>What shows that a log has gone back; null when a late answer of before would look the same.</summary>
    public static EvidenceFile? Rollback(IEnumerable<SignedCheckpoint> known, SignedCheckpoint shown)
    {
        var ended = known.Where(larger => larger.Checkpoint.Size > shown.Checkpoint.Size)
            .MinBy(larger => larger.Certificate.ExpiresAt);
        return ended is not null && ended.Certificate.ExpiresAt + EnvelopeLimits.MaxClockSkew < shown.Certificate.NotBefore
            ? EvidenceFile.Create(LieKind.Rollback, [new(ended, []), new(shown, [])])
            : null;
    }

    /// <summary>Takes the next entry, after it was looked at.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="text">Its text.</param>
    /// <param name="entry">What it reads as; null when it reads as nothing.</param>
    /// <param name="isSuspect">Something is wrong with it.</param>
    public void Take(long index, ReadOnlyMemory<byte> text, LedgerEntry? entry, bool isSuspect)
    {
        var evidence = entry as EvidenceEntry;
        if (evidence is not null) _evidence.Add((index, evidence));
        _lies.Take(index, text, entry, isSuspect || evidence is not null);
    }

    /// <summary>The findings with what proves them; call it when the tree is the signed one.</summary>
    /// <param name="findings">About entries.</param>
    /// <param name="pairs">Indices of pairs of entries that do not fit, by the one that a finding is about.</param>
    /// <param name="tree">Of all entries.</param>
    /// <param name="signed">The tree's checkpoint.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<IReadOnlyList<AuditFinding>> ProveAsync(
        IReadOnlyList<AuditFinding> findings,
        IReadOnlyList<KeyValuePair<long, long>> pairs,
        MerkleTree tree,
        SignedCheckpoint signed,
        CancellationToken cancellationToken)
    {
        foreach (var (about, other) in pairs)
        {
            if (await ReadAsync(about, tree.Size, cancellationToken).ConfigureAwait(false) is not { } one) continue;
            if (await ReadAsync(other, tree.Size, cancellationToken).ConfigureAwait(false) is not { } two) continue;
            _lies.ChargePair(about, (about, one), (other, two));
        }
        var proved = new List<AuditFinding>(findings.Count);
        foreach (var finding in findings)
        {
            proved.Add(finding with { Contradiction = await FindAsync(finding.Index, isLie: true).ConfigureAwait(false) });
        }
        foreach (var (index, entry) in _evidence)
        {
            var problem = findings.FirstOrDefault(finding => finding.Index == index)?.Detail;
            // One that does not hold is shown to nobody: what shows that it is false is with the finding.
            var shown = problem is null ? await FindAsync(index, isLie: false).ConfigureAwait(false) : null;
            _accusations.Add(new Accusation(index, entry, problem, shown));
        }
        return proved;

        async ValueTask<EvidenceFile?> FindAsync(long? index, bool isLie)
        {
            foreach (var file in index is { } known ? _lies.About(known, tree, signed) : [])
            {
                if (file.Kind == LieKind.Accusation == isLie) continue;
                var verdict = await _keys.JudgeAsync(file, cancellationToken).ConfigureAwait(false);
                if (verdict.Standing == EvidenceStanding.Proved) return file;
            }
            return null;
        }
    }

    // Read once more: an audit keeps no texts of what it found no fault with. What comes now is as good as its proof.
    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(long index, long size, CancellationToken cancellationToken)
    {
        var tile = TileId.Of(TileId.EntriesLevel, index >> TileId.Height, size);
        try
        {
            return await log.FindTileAsync(tile, cancellationToken).ConfigureAwait(false) is { } bytes
                && EntryBundle.TryRead(bytes, tile.Width, out var entries, out _)
                ? entries[(int)(index - (tile.Index << TileId.Height))]
                : null;
        }
        catch (LedgerLogException)
        {
            // What was found stays found, with no file to show it.
            return null;
        }
    }
}
