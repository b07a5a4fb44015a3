using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;

namespace Relay.Client.Ledger;

/// <summary>
/// Makes evidence of what an audit found in entries, and a list of the ledger's accusations. What can be shown to others is, and only what
/// the judge of such files calls proved. One loop's alone.
/// </summary>
internal sealed class AuditProofs(LedgerTrust trust, EntryJudge judge)
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
    public async ValueTask<IReadOnlyList<AuditFinding>> ProveAsync(
        IReadOnlyList<AuditFinding> findings, MerkleTree tree, SignedCheckpoint signed, CancellationToken cancellationToken)
    {
        var proved = new List<AuditFinding>(findings.Count);
        foreach (var finding in findings)
        {
            proved.Add(finding with { Contradiction = await FindAsync(finding.Index, isLie: true).ConfigureAwait(false) });
        }
        foreach (var (index, entry) in _evidence)
        {
            var problem = findings.FirstOrDefault(finding => finding.Index == index)?.Detail;
            _accusations.Add(new Accusation(index, entry, problem, await FindAsync(index, isLie: false).ConfigureAwait(false)));
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
}
