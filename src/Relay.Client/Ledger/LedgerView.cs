using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>
/// The checkpoints a delegation has verified, as it has to keep them: whoever forgets can be
/// shown another past. Takes checkpoints whose signature holds, judges whether they fit each
/// other, and says which are linked by proofs. Bounded: a fork shows in every later checkpoint, so few are enough. Safe for concurrent use.
/// </summary>
public sealed class LedgerView
{
    /// <summary>Checkpoints kept: 64.</summary>
    public const int MaxKept = 64;

    // Guards everything below; no await inside.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, Kept> _kept = [];
    private readonly string _origin;
    private Kept? _anchor;

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

    /// <summary>Takes a checkpoint whose signature has been verified.</summary>
    /// <param name="signed">Of this ledger.</param>
    /// <param name="contradiction">The proof of a fork for <see cref="CheckpointFit.Contradicts"/>; else null.</param>
    /// <exception cref="ArgumentException">It is of another ledger.</exception>
    public CheckpointFit Observe(SignedCheckpoint signed, out LedgerContradiction? contradiction)
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
                contradiction = LedgerContradiction.Of(same.Signed, signed);
                return CheckpointFit.Contradicts;
            }
            Add(new Kept(signed, _anchor is null));
            return CheckpointFit.New;
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
    /// <returns>False when the proof does not hold.</returns>
    public bool TryLink(Checkpoint known, Checkpoint checkpoint, ImmutableArray<Digest> proof)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(checkpoint);
        var (first, second) = known.Size <= checkpoint.Size ? (known, checkpoint) : (checkpoint, known);
        if (!MerkleProof.VerifyConsistency(first.Size, first.Root, second.Size, second.Root, proof.AsSpan())) return false;
        lock (_gate)
        {
            // Either may have been dropped since the proof was asked for; the proof is as good.
            if (Find(known) is { Linked: true } && Find(checkpoint) is { } kept)
            {
                kept.Linked = true;
                if (checkpoint.Size > _anchor!.Signed.Checkpoint.Size) _anchor = kept;
            }
        }
        return true;
    }

    /// <summary>True when the checkpoint is kept and linked.</summary>
    public bool IsLinked(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        lock (_gate)
        {
            return Find(checkpoint) is { Linked: true };
        }
    }

    /// <summary>Writes what must be kept, as a JSON array.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        lock (_gate)
        {
            json.WriteStartArray();
            foreach (var kept in _kept.Values)
            {
                json.WriteStartObject();
                json.WriteString("note"u8, kept.Signed.Note.Bytes.Span);
                json.WriteString("key"u8, kept.Signed.Certificate.Bytes);
                json.WriteBoolean("linked"u8, kept.Linked);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; false when it is anything else.</summary>
    internal bool TryRead(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() > MaxKept) return false;
        lock (_gate)
        {
            foreach (var item in json.EnumerateArray())
            {
                if (!TryReadKept(item, out var kept) || kept.Signed.Checkpoint.Origin != _origin) return false;
                _kept[kept.Signed.Checkpoint.Size] = kept;
                if (kept.Linked) _anchor = kept;
            }
        }
        return true;
    }

    private static bool TryReadKept(JsonElement json, [NotNullWhen(true)] out Kept? kept)
    {
        kept = null;
        if (json.ValueKind != JsonValueKind.Object) return false;
        if (!json.TryGetProperty("note", out var note)
            || note.ValueKind != JsonValueKind.String
            || !json.TryGetProperty("key", out var key)
            || key.ValueKind != JsonValueKind.String)
        {
            return false;
        }
        if (!json.TryGetProperty("linked", out var linked) || linked.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return false;
        }
        if (!SignedCheckpoint.TryParse(
            System.Text.Encoding.UTF8.GetBytes(note.GetString()!),
            System.Text.Encoding.UTF8.GetBytes(key.GetString()!),
            out var signed,
            out _))
        {
            return false;
        }
        kept = new Kept(signed, linked.GetBoolean());
        return true;
    }

    private Kept? Find(Checkpoint checkpoint) =>
        _kept.TryGetValue(checkpoint.Size, out var kept) && kept.Signed.Checkpoint == checkpoint ? kept : null;

    private void Add(Kept kept)
    {
        _kept.Add(kept.Signed.Checkpoint.Size, kept);
        if (kept.Linked) _anchor = kept;
        if (_kept.Count <= MaxKept) return;
        // What is linked below the anchor is vouched for by the anchor; of the
        // rest the smallest goes, as a fork of it shows in every larger one too.
        var dropped = _kept.Values.FirstOrDefault(old => old.Linked && old != _anchor) ?? _kept.Values.First(old => old != _anchor);
        _kept.Remove(dropped.Signed.Checkpoint.Size);
    }

    private sealed class Kept(SignedCheckpoint signed, bool linked)
    {
        public SignedCheckpoint Signed { get; } = signed;

        public bool Linked { get; set; } = linked;
    }
}
