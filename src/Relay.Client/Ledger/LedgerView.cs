using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>
/// The checkpoints a delegation has verified, as it has to keep them: whoever forgets can be
/// shown another past. Takes checkpoints whose signature holds, judges whether they fit each
/// other, and says which are linked by proofs. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Bounded, and never by forgetting what is not proved: what is linked below the anchor is vouched for by the anchor and may
/// go, what no proof has linked yet stays, and once <see cref="MaxUnlinked"/> wait for one no further is taken. What was found
/// to contradict stays for good.
/// </remarks>
public sealed class LedgerView
{
    /// <summary>Linked checkpoints kept: 16, the largest.</summary>
    public const int MaxLinked = 16;

    /// <summary>Checkpoints kept that wait for a proof: 1,024.</summary>
    public const int MaxUnlinked = 1024;

    /// <summary>Contradictions kept: 16, the first; one is enough.</summary>
    public const int MaxContradictions = 16;

    // Guards everything below; no await inside.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, KeptCheckpoint> _kept = [];
    private readonly List<EvidenceFile> _contradictions = [];
    private readonly string _origin;
    private KeptCheckpoint? _anchor;
    private int _linked;

    /// <summary>A view of nothing yet.</summary>
    /// <param name="origin">Origin of the ledger.</param>
    public LedgerView(string origin)
    {
        ArgumentException.ThrowIfNullOrEmpty(origin);
        _origin = origin;
    }

    /// <summary>The largest checkpoint verified, for <c>seen</c> of what the delegation sends; null before the first.</summary>
    public SeenCheckpoint? Newest
    {
        get
        {
            lock (_gate)
            {
                return _kept.Count == 0 ? null : new SeenCheckpoint(_kept.Last().Key, _kept.Last().Value.Signed.Checkpoint.Root);
            }
        }
    }

    /// <summary>The largest of the checkpoints that are linked by proofs to the first one seen; null before the first.</summary>
    public SignedCheckpoint? Anchor
    {
        get
        {
            lock (_gate)
            {
                return _anchor?.Signed;
            }
        }
    }

    /// <summary>Everything kept, by size.</summary>
    public ImmutableArray<SignedCheckpoint> Checkpoints
    {
        get
        {
            lock (_gate)
            {
                return [.. _kept.Values.Select(kept => kept.Signed)];
            }
        }
    }

    /// <summary>Those that wait for a proof and that no proof has been found to fail for, by size.</summary>
    public ImmutableArray<SignedCheckpoint> Unlinked
    {
        get
        {
            lock (_gate)
            {
                return [.. _kept.Values.Where(kept => kept.Standing == CheckpointStanding.Unlinked).Select(kept => kept.Signed)];
            }
        }
    }

    /// <summary>Every proof that the relay has signed two trees, as found; for good.</summary>
    public ImmutableArray<EvidenceFile> Contradictions
    {
        get
        {
            lock (_gate)
            {
                return [.. _contradictions];
            }
        }
    }

    /// <summary>Takes a checkpoint whose signature has been verified, of a receipt that is believed only when it fits.</summary>
    /// <param name="signed">Of this ledger.</param>
    /// <param name="problem">
    /// What was expected and what came, when it contradicts what was seen or there is no room for it; else empty.
    /// </param>
    /// <exception cref="ArgumentException">It is of another ledger.</exception>
    public bool TryTake(SignedCheckpoint signed, out string problem)
    {
        ArgumentNullException.ThrowIfNull(signed);
        problem = Observe(signed, out _) switch
        {
            CheckpointFit.Contradicts =>
                $"expected a checkpoint of size {signed.Checkpoint.Size} of the tree shown before, got one of another tree",
            CheckpointFit.NoRoom =>
                $"expected a checkpoint that can be kept, {MaxUnlinked} wait for a proof of the log already",
            CheckpointFit.Known or CheckpointFit.New => "",
        };
        return problem.Length == 0;
    }

    /// <summary>Takes a checkpoint whose signature has been verified.</summary>
    /// <param name="signed">Of this ledger.</param>
    /// <param name="contradiction">The proof of a fork for <see cref="CheckpointFit.Contradicts"/>, kept here too; else null.</param>
    /// <exception cref="ArgumentException">It is of another ledger.</exception>
    public CheckpointFit Observe(SignedCheckpoint signed, out EvidenceFile? contradiction)
    {
        ArgumentNullException.ThrowIfNull(signed);
        if (signed.Checkpoint.Origin != _origin)
        {
            throw new ArgumentException($"Expected a checkpoint of {_origin}, got one of {signed.Checkpoint.Origin}.", nameof(signed));
        }
        contradiction = null;
        lock (_gate)
        {
            if (_kept.TryGetValue(signed.Checkpoint.Size, out var same))
            {
                if (same.Signed.Checkpoint.Root == signed.Checkpoint.Root) return CheckpointFit.Known;
                contradiction = EvidenceFile.Fork(same.Signed, signed);
                Keep(contradiction);
                return CheckpointFit.Contradicts;
            }
            if (_anchor is not null && _kept.Count - _linked >= MaxUnlinked) return CheckpointFit.NoRoom;
            Add(new KeptCheckpoint(signed, _anchor is null ? CheckpointStanding.Linked : CheckpointStanding.Unlinked));
            return CheckpointFit.New;
        }
    }

    /// <summary>Keeps a proof that the relay has signed two trees, wherever it was found.</summary>
    public void Keep(EvidenceFile contradiction)
    {
        ArgumentNullException.ThrowIfNull(contradiction);
        lock (_gate)
        {
            if (_contradictions.Count < MaxContradictions
                && !_contradictions.Exists(kept => kept.Bytes.Span.SequenceEqual(contradiction.Bytes.Span)))
            {
                _contradictions.Add(contradiction);
            }
        }
    }

    /// <summary>
    /// True when a kept checkpoint has this size and another root: the sender
    /// of <c>seen</c> and this delegation have been shown two ledgers.
    /// </summary>
    public bool Contradicts(SeenCheckpoint seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        lock (_gate)
        {
            return _kept.TryGetValue(seen.Size, out var same) && same.Signed.Checkpoint.Root != seen.Root;
        }
    }

    /// <summary>
    /// Follows a consistency proof between two checkpoints, whichever is
    /// larger, and links the second to the first when the first is linked.
    /// </summary>
    /// <returns>False when the proof does not hold; the second then stands as refuted until one does.</returns>
    public bool TryLink(Checkpoint known, Checkpoint checkpoint, ImmutableArray<Digest> proof)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(checkpoint);
        var (first, second) = known.Size <= checkpoint.Size ? (known, checkpoint) : (checkpoint, known);
        var holds = MerkleProof.VerifyConsistency(first.Size, first.Root, second.Size, second.Root, proof.AsSpan());
        lock (_gate)
        {
            // Either may have been dropped since the proof was asked for; the proof is as good.
            if (Find(known) is not { Standing: CheckpointStanding.Linked }) return holds;
            if (Find(checkpoint) is not { } kept || kept.Standing == CheckpointStanding.Linked) return holds;
            if (holds) Link(kept);
            else kept.Standing = CheckpointStanding.Refuted;
        }
        return holds;
    }

    /// <summary>True when the checkpoint is kept and linked.</summary>
    public bool IsLinked(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        lock (_gate)
        {
            return Find(checkpoint) is { Standing: CheckpointStanding.Linked };
        }
    }

    /// <summary>True when the checkpoint is kept and the log's own proof for it did not hold.</summary>
    public bool IsRefuted(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        lock (_gate)
        {
            return Find(checkpoint) is { Standing: CheckpointStanding.Refuted };
        }
    }

    internal (ImmutableArray<KeptCheckpoint> Checkpoints, ImmutableArray<EvidenceFile> Contradictions) ToKeep()
    {
        lock (_gate)
        {
            return ([.. _kept.Values], [.. _contradictions]);
        }
    }

    /// <summary>Takes what an earlier process kept; false when it is of another ledger, or more than a view keeps.</summary>
    internal bool TryRestore(IReadOnlyCollection<KeptCheckpoint> checkpoints, IReadOnlyCollection<EvidenceFile> contradictions)
    {
        if (checkpoints.Any(kept => kept.Signed.Checkpoint.Origin != _origin)) return false;
        if (contradictions.Count > MaxContradictions || contradictions.Any(kept => kept.Origin != _origin)) return false;
        if (checkpoints.Count > 0 && checkpoints.All(kept => kept.Standing != CheckpointStanding.Linked)) return false;
        lock (_gate)
        {
            foreach (var kept in checkpoints)
            {
                if (!_kept.ContainsKey(kept.Signed.Checkpoint.Size)) Add(kept);
                else return false;
            }
            _contradictions.AddRange(contradictions);
            return _kept.Count - _linked <= MaxUnlinked;
        }
    }

    private KeptCheckpoint? Find(Checkpoint checkpoint) =>
        _kept.TryGetValue(checkpoint.Size, out var kept) && kept.Signed.Checkpoint == checkpoint ? kept : null;

    private void Add(KeptCheckpoint kept)
    {
        _kept.Add(kept.Signed.Checkpoint.Size, kept);
        if (kept.Standing == CheckpointStanding.Linked) Link(kept);
    }

    private void Link(KeptCheckpoint kept)
    {
        kept.Standing = CheckpointStanding.Linked;
        _linked++;
        if (_anchor is null || kept.Signed.Checkpoint.Size > _anchor.Signed.Checkpoint.Size) _anchor = kept;
        if (_linked <= MaxLinked) return;
        // The anchor vouches for it.
        var smallest = _kept.First(old => old.Value.Standing == CheckpointStanding.Linked);
        _kept.Remove(smallest.Key);
        _linked--;
    }
}
