using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>
/// One audit on its way: what has been read of the ledger, and what was found wrong with it. Believes the log nothing that does not hash
/// to a signed root. One loop's alone.
/// </summary>
/// <param name="auditor">Whose audit it is.</param>
/// <param name="arrivals">What has arrived, in any order.</param>
/// <param name="policies">The negotiation's documents, and which is in force.</param>
internal sealed class AuditRun(LedgerAuditor auditor, IReadOnlyCollection<ArrivalRecord> arrivals, PolicyInForce policies)
{
    // An auditor's memory: about 100 bytes an entry.
    private const long MaxEntries = 10_000_000;

    private readonly List<AuditFinding> _findings = [];

    // What the entries say wrong counts once they are known to be the ones that the relay signed.
    private readonly List<AuditFinding> _inEntries = [];
    private readonly MerkleTree _tree = new();
    private readonly Dictionary<long, EnvelopeEntry> _own = [];
    private readonly HashSet<EnvelopeId> _wanted =
    [
        .. arrivals.Where(arrival => arrival.Id.Sequence > 1).Select(arrival => arrival.Id with { Sequence = arrival.Id.Sequence - 1 }),
    ];
    private readonly Dictionary<EnvelopeId, Digest> _before = [];
    private readonly Dictionary<long, ArrivalRecord> _arrivedAt = arrivals.GroupBy(arrival => arrival.Index)
        .ToDictionary(group => group.Key, group => group.First());
    private readonly Dictionary<StreamId, (long Sequence, Digest? Digest)> _last = [];
    private readonly HashSet<Digest> _unknown = [];
    private readonly AuditProofs _proofs = new(auditor.Trust, auditor.Judge, auditor.Log);
    private readonly AcknowledgementAudit _acknowledgements = new(policies, auditor.Delegation);
    private readonly PrekeyAudit _prekeys = new(policies);
    private SignedCheckpoint? _signed;
    private DateTimeOffset _at = DateTimeOffset.MinValue;
    private int _arrived;
    private int _underWay;
    private int _compared;
    private bool _isWhole;

    public AuditReport Report() => new(_signed?.Checkpoint, _tree.Size, _own.Count, _arrived, _underWay, _compared, _findings)
    {
        Accusations = _proofs.Accusations,
        Ends = _isWhole ? _last.ToDictionary(last => last.Key, last => (last.Value.Sequence, last.Value.Digest!.Value)) : null,
        Sent = _isWhole ? _acknowledgements.Sent : [],
        Proofs = _isWhole ? (_tree, _signed!) : null,
    };

    public void Add(
        AuditKind kind, string detail, long? index = null, EvidenceFile? contradiction = null, EvidenceFile? evidence = null)
    {
        if (contradiction is not null)
        {
            // Found again is found once.
            if (_findings.Exists(finding => finding.Contradiction?.Bytes.Span.SequenceEqual(contradiction.Bytes.Span) ?? false)) return;
            auditor.View.Keep(contradiction);
        }
        _findings.Add(new AuditFinding(kind, detail, index, contradiction ?? evidence));
    }

    public async Task AuditAsync(CancellationToken cancellationToken)
    {
        foreach (var contradiction in auditor.View.Contradictions)
        {
            Add(AuditKind.Forked, "the relay has signed two trees that do not fit, as was found before", null, contradiction);
        }
        if (await auditor.FindCheckpointAsync(this, cancellationToken).ConfigureAwait(false) is not { } signed) return;
        _signed = signed;
        var checkpoint = signed.Checkpoint;
        var known = auditor.ViewBefore(this, signed);
        if (!await ReadAsync(checkpoint, cancellationToken).ConfigureAwait(false)) return;
        if (_tree.Root() != checkpoint.Root)
        {
            Add(AuditKind.LogDamaged, $"expected entries that hash to the root at size {checkpoint.Size}, got others");
            return;
        }
        _isWhole = true;
        _findings.AddRange(
            await _proofs.ProveAsync(
                _inEntries, [.. _acknowledgements.Against, .. _prekeys.Against], _tree, signed, cancellationToken)
                .ConfigureAwait(false));
        foreach (var other in known) Compare(other, signed);
        // There was no room for it if too many waited; now they are linked.
        auditor.View.Observe(signed, out _);
        foreach (var arrival in arrivals) Compare(arrival);
        foreach (var (index, entry) in _own) Complete(index, entry);
    }

    // The whole of it, bundle by bundle, hashed here.
    private async Task<bool> ReadAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        if (checkpoint.Size > MaxEntries)
        {
            Add(AuditKind.LogWithheld, $"expected at most {MaxEntries} entries to audit at once, the ledger has {checkpoint.Size}");
            return false;
        }
        for (var bundle = 0L; bundle << TileId.Height < checkpoint.Size; bundle++)
        {
            var tile = TileId.Of(TileId.EntriesLevel, bundle, checkpoint.Size);
            if (await auditor.Log.FindTileAsync(tile, cancellationToken).ConfigureAwait(false) is not { } bytes)
            {
                Add(AuditKind.LogWithheld, $"expected {tile.Path} of a tree of size {checkpoint.Size}, got none");
                return false;
            }
            if (!EntryBundle.TryRead(bytes, tile.Width, out var entries, out var error))
            {
                Add(AuditKind.LogDamaged, $"{tile.Path}: {error}");
                return false;
            }
            foreach (var entry in entries)
            {
                var (index, before) = (_tree.Size, _inEntries.Count);
                var read = await TakeAsync(entry, cancellationToken).ConfigureAwait(false);
                _proofs.Take(index, entry, read, isSuspect: _inEntries.Count > before);
            }
        }
        return true;
    }

    // What it reads as; null when it reads as nothing, which is a finding.
    private async ValueTask<LedgerEntry?> TakeAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        var index = _tree.Size;
        _tree.Append(MerkleHash.Leaf(text.Span));
        if (!LedgerEntry.TryParse(text.Span, out var entry, out var error))
        {
            _inEntries.Add(new(AuditKind.BadEntry, $"entry {index}: {error}", index));
            return null;
        }
        if (entry.At < _at)
        {
            _inEntries.Add(new(AuditKind.BadEntry, $"expected entry {index} not before {_at:u}, it says {entry.At:u}", index));
        }
        _at = entry.At;
        if (entry.At > auditor.Time.GetUtcNow() + EnvelopeLimits.MaxClockSkew)
        {
            var now = $"by this machine's clock {auditor.Time.GetUtcNow():u}";
            _inEntries.Add(
                new(AuditKind.FutureEntry, $"expected entry {index} of now or before, {now}, it says {entry.At:u}", index));
        }
        switch (entry)
        {
            case EnvelopeEntry envelope:
                Note(
                    await auditor.Judge.JudgeAsync(envelope, cancellationToken).ConfigureAwait(false), envelope.Policy, index);
                Take(envelope, index);
                _acknowledgements.Take(envelope, index);
                break;
            case PolicyEntry policy:
                policies.Take(policy);
                break;
            case AcknowledgementEntry said:
                if (_acknowledgements.Take(said, index) is not var (kind, detail)) break;
                _inEntries.Add(new(kind, $"entry {index}: {detail}", index));
                break;
            case PrekeyChainEntry prekeys:
                if (_prekeys.Take(prekeys, index) is { } broken) _inEntries.Add(broken);
                break;
            case EvidenceEntry evidence:
                foreach (var head in evidence.Heads)
                {
                    Note(
                        await auditor.Judge.JudgeAsync(head, evidence.At, cancellationToken).ConfigureAwait(false), head.Policy, index);
                }
                Take(evidence, index);
                break;
        }
        return entry;
    }

    // A document that is not known is told once, not with each of its entries.
    private void Note((AuditKind Kind, string Detail)? found, Digest policy, long index)
    {
        if (found is not var (kind, detail)) return;
        if (kind == AuditKind.UnknownPolicy && !_unknown.Add(policy)) return;
        _inEntries.Add(new(kind, $"entry {index}: {detail}", index));
    }

    // The other kinds show themselves, or are no entries; a fork is one only beside the tree.
    private void Take(EvidenceEntry evidence, long index)
    {
        if (evidence.Shows != EvidenceKind.ForkSeen || evidence.Came.Seen is not { } seen || seen.Size > index) return;
        if (_tree.Root(seen.Size) != seen.Root) return;
        _inEntries.Add(
            new(
                AuditKind.BadEntry,
                $"expected evidence of a fork at entry {index}, the root that {evidence.Id} has seen is the ledger's",
                index));
    }

    private void Take(EnvelopeEntry envelope, long index)
    {
        var last = _last.GetValueOrDefault(envelope.Id.Stream);
        var next = last.Sequence + 1;
        if (envelope.Id.Sequence != next)
        {
            _inEntries.Add(
                new(
                    AuditKind.BadEntry,
                    $"expected sequence {next} of stream {envelope.Id.Stream} at entry {index}, got {envelope.Id.Sequence}",
                    index));
        }
        else if (envelope.Head.Previous != last.Digest)
        {
            _inEntries.Add(
                new(
                    AuditKind.BadEntry,
                    $"expected entry {index} to continue {last.Sequence} of stream {envelope.Id.Stream}, its 'prev' is another",
                    index));
        }
        if (envelope.Id.Sequence >= next) _last[envelope.Id.Stream] = (envelope.Id.Sequence, envelope.Digest);
        if (_wanted.Contains(envelope.Id)) _before[envelope.Id] = envelope.Digest;
        if (auditor.Delegation is { } name && envelope.Head.Audience.Contains(name)) _own[index] = envelope;
    }

    private void Compare(SignedCheckpoint other, SignedCheckpoint signed)
    {
        var (size, root) = (other.Checkpoint.Size, other.Checkpoint.Root);
        // Larger than what the log shows was told as a rollback.
        if (size > _tree.Size) return;
        _compared++;
        var own = _tree.Root(size);
        if (own == root)
        {
            if (auditor.View.Anchor is { } anchor
                && anchor.Checkpoint.Size <= _tree.Size
                && _tree.Root(anchor.Checkpoint.Size) == anchor.Checkpoint.Root)
            {
                Link(anchor.Checkpoint, other.Checkpoint);
            }
            return;
        }
        MerkleProof.TryBuildConsistency(_tree, size, _tree.Size, out var proof);
        var contradiction = size == _tree.Size
            ? EvidenceFile.Fork(other, signed)
            : EvidenceFile.Fork(other, signed, new EvidenceRoot(own, proof));
        Add(
            AuditKind.Forked,
            $"expected root {own} at size {size} as the log has it, the relay has signed {root}",
            null,
            contradiction);
    }

    private void Link(Checkpoint anchor, Checkpoint other)
    {
        var (first, second) = (Math.Min(anchor.Size, other.Size), Math.Max(anchor.Size, other.Size));
        if (MerkleProof.TryBuildConsistency(_tree, first, second, out var proof)) auditor.View.TryLink(anchor, other, proof);
    }

    private void Compare(ArrivalRecord arrival)
    {
        if (arrival.Seen is { } seen && seen.Size <= _tree.Size && _tree.Root(seen.Size) != seen.Root)
        {
            Add(
                AuditKind.ForkSeen,
                $"expected root {_tree.Root(seen.Size)} at size {seen.Size}, the sender of {arrival.Id} had seen {seen.Root}",
                arrival.Index);
        }
        if (arrival.Previous is { } previous
            && _before.TryGetValue(arrival.Id with { Sequence = arrival.Id.Sequence - 1 }, out var before)
            && before != previous)
        {
            Add(
                AuditKind.ChainBroken,
                $"expected {arrival.Id} to continue the envelope that the ledger has before it, its 'prev' names another",
                arrival.Index);
        }
        if (arrival.Index >= _tree.Size) return;
        if (!_own.TryGetValue(arrival.Index, out var entry) || entry.Id != arrival.Id || entry.Digest != arrival.Digest)
        {
            Add(
                AuditKind.NotInLedger,
                $"expected {arrival.Id} at index {arrival.Index} as its receipt says, the ledger has something else there",
                arrival.Index);
        }
    }

    private void Complete(long index, EnvelopeEntry entry)
    {
        if (_arrivedAt.ContainsKey(index)) _arrived++;
        else if (auditor.Time.GetUtcNow() - entry.At < auditor.Grace) _underWay++;
        else Add(
            AuditKind.Missing,
            $"expected {entry.Id} to have arrived, it was logged for {auditor.Delegation} at {entry.At:u} and has not",
            index);
    }
}
