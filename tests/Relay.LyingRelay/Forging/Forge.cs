using System.Buffers.Binary;
using System.Collections.Immutable;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.LyingRelay.Forging;

/// <summary>
/// The relay's own commit without its rules: any text becomes an entry, and tiles, heads, checkpoints and receipts are made and signed as
/// for any other, one commit an entry. The owner disposes it.
/// </summary>
internal sealed class Forge : IDisposable
{
    private readonly string _negotiation;
    private readonly HeadSigner _heads;
    private readonly CheckpointSigner _signer;
    private readonly Func<Digest, ReadOnlyMemory<byte>?> _documentOf;
    private readonly Func<Digest, ReadOnlyMemory<byte>?> _wireOf;
    private readonly MerkleTree _tree = new();
    private readonly List<byte[]> _entries = [];
    private readonly Dictionary<(long, uint), SignedCheckpoint> _signed = [];
    private readonly HashSet<(EnvelopeId, string)> _acknowledged = [];
    private readonly ForgedPrekeys _prekeys;
    private WorkingCopy _copy = new(null, new TreeEdge());

    private Forge(
        string origin,
        CheckpointSigner signer,
        Func<Digest, ReadOnlyMemory<byte>?> documentOf,
        Func<Digest, ReadOnlyMemory<byte>?> wireOf)
    {
        Origin = origin;
        _negotiation = origin.Split('/')[1];
        _prekeys = new ForgedPrekeys(_negotiation);
        _heads = new HeadSigner(origin);
        _signer = signer;
        _documentOf = documentOf;
        _wireOf = wireOf;
    }

    public string Origin { get; }

    public MemoryLedgerStore Store { get; } = new();

    /// <summary>The store as it was at each size.</summary>
    public Dictionary<long, MemoryLedgerStore> Before { get; } = [];

    public IReadOnlyList<byte[]> Entries => _entries;

    public MerkleTree Tree => _tree;

    public CheckpointSigner Signer => _signer;

    /// <summary>A key of its own, certified from the given time for an hour.</summary>
    public static async Task<Forge> CreateAsync(
        string origin,
        ICheckpointCertifier certifier,
        DateTimeOffset from,
        Func<Digest, ReadOnlyMemory<byte>?> documentOf,
        Func<Digest, ReadOnlyMemory<byte>?> wireOf)
    {
        var prefix = origin.Split('/')[0] + "/";
        return new Forge(origin, await CertifyAsync(prefix, certifier, from), documentOf, wireOf);
    }

    public static async Task<CheckpointSigner> CertifyAsync(string prefix, ICheckpointCertifier certifier, DateTimeOffset from)
    {
        var key = PrivateJwk.Generate(JwkKind.P256, "checkpoint");
        if (!PublicJwk.TryCreate(key.Public.ToECParameters(), null, out var jwk, out var error)) throw new InvalidOperationException(error);
        var certificate = await certifier.CertifyAsync(prefix, jwk, from, from.AddHours(1), CancellationToken.None);
        return new CheckpointSigner(key, certificate!);
    }

    /// <summary>Commits each text as an entry.</summary>
    public async Task AppendAsync(IEnumerable<byte[]> texts)
    {
        foreach (var text in texts) await AppendAsync(text);
    }

    /// <summary>The receipt of an entry at a size.</summary>
    public async Task<string> ReceiptAsync(long index, long? size = null, CheckpointSigner? signer = null)
    {
        var at = size ?? Math.Min(index + 1, _tree.Size);
        if (!LedgerEntry.TryParse(_entries[(int)index], out var entry, out var error)) throw new InvalidOperationException(error);
        MerkleProof.TryBuildInclusion(_tree, index, at, out var proof);
        var signed = await CheckpointAsync(at, signer);
        return System.Text.Encoding.UTF8.GetString(
            Receipt.Write(entry, index, proof.AsSpan(), signed.Note, signed.Certificate));
    }

    public async Task<SignedCheckpoint> CheckpointAsync(long size, CheckpointSigner? signer = null, Digest? root = null)
    {
        var by = signer ?? _signer;
        using var key = by.CreateNoteKey(Origin);
        if (root is null && _signed.TryGetValue((size, key.KeyId), out var made)) return made;
        var text = new Checkpoint(Origin, size, root ?? _tree.Root(size)).ToBytes();
        var note = await by.SignAsync(text, key, CancellationToken.None);
        if (!SignedCheckpoint.TryParse(note.Bytes, by.Certificate.Bytes, out var signed, out var error))
        {
            throw new InvalidOperationException(error);
        }
        if (root is null) _signed[(size, key.KeyId)] = signed;
        return signed;
    }

    /// <summary>Index of the newest entry of an envelope; -1 when there is none.</summary>
    public long IndexOf(Digest envelope) => _entries.FindLastIndex(
        text => LedgerEntry.TryParse(text, out var entry, out _) && entry is EnvelopeEntry logged && logged.Digest == envelope);

    public void Dispose() => _signer.Dispose();

    private async Task AppendAsync(byte[] text)
    {
        if (_tree.Size > 0) Before[_tree.Size] = Store.Clone();
        var entry = LedgerEntry.TryParse(text, out var read, out _) ? read : null;
        var decision = Decide(text, entry);
        var isFirst = _copy.Head is null;
        var certificate = isFirst
            ? new StagedBlob(LedgerPaths.Certificate(_negotiation, _heads.KeyOf(_signer).KeyId), _signer.Certificate.Bytes.ToArray())
            : null;
        var written = CommitWriter.Write(_negotiation, _copy, decision, certificate);
        var (head, note) = await _heads.SignAsync(_signer, written.State, null, null, CancellationToken.None);
        foreach (var put in written.Staged.Puts) Store.Set(put.Name, Whole(put));
        foreach (var name in written.Staged.Deletes) Store.Set(name, null);
        Store.Set(LedgerPaths.Checkpoint(_negotiation), head.Checkpoint.Bytes);
        Store.Set(LedgerPaths.Head(_negotiation), note.Bytes);
        if (isFirst) Store.Set(LedgerPaths.Marker(_negotiation), ReadOnlyMemory<byte>.Empty);
        written.Edge.Trim();
        _copy = new WorkingCopy(new HeadInHand(head, note.Bytes, "forged"), written.Edge) { Tails = written.Tails };
        _entries.Add(text);
        _tree.Append(MerkleHash.Leaf(text));
    }

    private ReadOnlyMemory<byte> Whole(StagedBlob put) =>
        put.After is not { } after || !put.TryGrow(Store.Find(after.Name)!.Content, out var content) ? put.Content : content;

    // The state as if the entry were one that the rules had let through.
    private Decision Decide(byte[] text, LedgerEntry? entry)
    {
        var before = _copy.State;
        var range = before.Range.Clone();
        var leaf = MerkleHash.Leaf(text);
        range.Append(leaf);
        var streams = before.Streams.ToBuilder();
        var position = entry is EnvelopeEntry envelope ? Continue(streams, envelope) : -1;
        var prekeys = _prekeys.Take(before, entry);
        var policy = entry is PolicyEntry put ? new PolicyState(put.Version, put.Policy) : before.Policy;
        return new Decision
        {
            State = before with
            {
                Commit = before.Commit + 1,
                Range = range,
                At = entry?.At > before.At ? entry.At : before.At,
                Policy = policy,
                Streams = streams.DrainToImmutable(),
                Prekeys = prekeys,
            },
            Entries = [new NewEntry(text, leaf, position)],
            Puts = [.. PutsOf(entry), .. _prekeys.Puts],
            Deletes = [.. _prekeys.Deletes.Order(StringComparer.Ordinal)],
            Rulings = [],
            Acknowledgements = [],
            Releases = [],
            Signals = [],
            Changes = true,
            NeedsFreshHead = false,
        };
    }

    // -1 for what is no next envelope of a stream: no index has a place for it.
    private int Continue(ImmutableArray<StreamState>.Builder streams, EnvelopeEntry envelope)
    {
        var id = envelope.Id;
        if (id.Negotiation != _negotiation) return -1;
        var position = streams.ToList().FindIndex(stream => stream.Sender == id.Sender && stream.Lane == id.Lane);
        if (position < 0)
        {
            position = streams.Count;
            streams.Add(new StreamState(id.Sender, id.Lane, 0, default, default, []));
        }
        if (streams[position].Last + 1 != id.Sequence) return -1;
        streams[position] = streams[position] with { Last = id.Sequence, Digest = envelope.Digest };
        return position;
    }

    private IEnumerable<StagedBlob> PutsOf(LedgerEntry? entry)
    {
        if (entry is PolicyEntry policy && _documentOf(policy.Policy) is { } document)
        {
            yield return new StagedBlob(LedgerPaths.Policy(_negotiation, policy.Policy), document);
        }
        if (entry is AcknowledgementEntry { Acknowledgement: var said } && _acknowledged.Add((said.Id, said.Delegation)))
        {
            var index = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(index, _copy.State.Size);
            yield return new StagedBlob(LedgerPaths.Acknowledged(said.Id, said.Delegation), index);
        }
        if (entry is EvidenceEntry evidence && _wireOf(evidence.Came.Digest) is { } wire)
        {
            yield return new StagedBlob(LedgerPaths.Evidence(_negotiation, evidence.Came.Digest), wire);
        }
    }
}
