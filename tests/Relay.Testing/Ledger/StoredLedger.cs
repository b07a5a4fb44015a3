using System.Buffers.Binary;
using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Testing.Ledger;

/// <summary>
/// Writes a ledger's published blobs as the relay's format has them, one commit a call,
/// without the relay's code for it. Not for concurrent use; the owner disposes it.
/// </summary>
public sealed class StoredLedger : IDisposable
{
    /// <summary>Name of the relay.</summary>
    public const string RelayName = "relay.example";

    private readonly MemoryLedgerStore _store;
    private readonly LocalCertifier _certifier;
    private readonly string _negotiation;
    private readonly PrivateJwk _key = PrivateJwk.Generate(JwkKind.P256, "checkpoint");
    private readonly LocalSigner _signer;
    private readonly PrivateJwk _mediator = PrivateJwk.Generate(
        JwkKind.P256, $"https://kv.vault.azure.net/keys/mediator-qatar/{new string('0', 32)}");
    private readonly LocalSigner _mediatorSigner;
    private readonly Dictionary<StreamId, Digest> _last = [];
    private readonly List<byte[]> _entries = [];
    private readonly MerkleTree _tree = new();
    private readonly Dictionary<StreamId, List<long>> _streams = [];

    /// <summary>An empty ledger; nothing is in the store yet.</summary>
    public StoredLedger(MemoryLedgerStore store, LocalCertifier certifier, string negotiation)
    {
        _store = store;
        _certifier = certifier;
        _negotiation = negotiation;
        _signer = new LocalSigner(_key);
        _mediatorSigner = new LocalSigner(_mediator);
        Document = System.Text.Encoding.UTF8.GetBytes(
            $$"""
            { "negotiation": "{{negotiation}}", "version": 1, "quorum": 1,
              "delegations": { "us": { "topic": "delegation-us" }, "iran": { "topic": "delegation-iran" } },
              "mediators": { "qatar": { "key": "https://kv.vault.azure.net/keys/mediator-qatar", "weight": 1 } } }
            """);
    }

    /// <summary><c>{relay name}/{negotiation}</c>.</summary>
    public string Origin => $"{RelayName}/{_negotiation}";

    /// <summary>All entries.</summary>
    public IReadOnlyList<byte[]> Entries => _entries;

    /// <summary>The tree over them.</summary>
    public MerkleTree Tree => _tree;

    /// <summary>Certificate of the checkpoint key; set by the first commit.</summary>
    public CheckpointKeyCertificate? Certificate { get; private set; }

    /// <summary>Document of the negotiation: one mediator, <see cref="MediatorKey"/>, and two delegations, us and iran.</summary>
    public byte[] Document { get; init; }

    /// <summary>The mediator's public key under its identifier.</summary>
    public PublicJwk MediatorKey => _mediator.Public;

    /// <summary>Appends the entry that puts <see cref="Document"/> in force, and keeps the document as the relay does.</summary>
    public Task CommitPolicyAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        KeepDocument();
        return CommitAsync([new PolicyEntry { Version = 1, Policy = Digest.Of(Document), At = at }], at, cancellationToken);
    }

    /// <summary>Keeps <see cref="Document"/> where the relay keeps it, and no more.</summary>
    public void KeepDocument() => Put(LedgerPaths.Policy(_negotiation, Digest.Of(Document)), Document);

    /// <summary>The head that is appended as this envelope.</summary>
    public static EnvelopeHead HeadOf(EnvelopeId id, Digest? previous, DateTimeOffset at) => SealedEnvelope.Create(new EnvelopeDraft
    {
        Id = id,
        Audience = [id.Sender == "iran" ? "us" : "iran"],
        Previous = previous,
        IssuedAt = at,
        ExpiresAt = at + TimeSpan.FromHours(1),
        Content = "{}"u8.ToArray(),
    }).Head;

    /// <summary>Appends envelopes to a stream, one after the other, each signed by the mediator.</summary>
    public async Task CommitAsync(string sender, Lane lane, int count, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var stream = new StreamId(_negotiation, sender, lane);
        var next = _streams.GetValueOrDefault(stream)?.Count + 1 ?? 1;
        var entries = new List<EnvelopeEntry>(count);
        for (var i = 0; i < count; i++)
        {
            var id = new EnvelopeId(_negotiation, sender, lane, next + i);
            var head = HeadOf(id, id.Sequence == 1 ? null : _last[stream], at);
            _last[stream] = head.Digest;
            var signed = await SignedHead.SignAsync(head, _mediatorSigner, cancellationToken);
            entries.Add(new EnvelopeEntry { Judged = new JudgedHead(Digest.Of(Document), signed), At = at });
        }

        await CommitAsync(entries, at, cancellationToken);
    }

    /// <summary>Appends entries and publishes them.</summary>
    public async Task CommitAsync(IReadOnlyList<LedgerEntry> entries, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var from = _tree.Size;
        var chunks = new HashSet<(StreamId, long)>();
        foreach (var entry in entries)
        {
            if (entry is EnvelopeEntry { Id: var id })
            {
                if (!_streams.TryGetValue(id.Stream, out var stream)) _streams[id.Stream] = stream = [];
                stream.Add(_tree.Size);
                chunks.Add((id.Stream, LedgerPaths.ChunkOf(id.Sequence)));
            }

            var text = entry.ToBytes();
            _entries.Add(text);
            _tree.Append(MerkleHash.Leaf(text));
        }

        foreach (var tile in TileId.Added(from, _tree.Size))
        {
            Put(
                LedgerPaths.Tile(_negotiation, tile),
                tile.Level == TileId.EntriesLevel ? Bundle(tile) : HashTile.Create(tile, _tree)!.Bytes);
        }

        foreach (var (stream, chunk) in chunks) PutChunk(stream, chunk);
        await PutCheckpointAsync(at, cancellationToken);
    }

    /// <summary>Puts a head that says what was committed, with envelopes that wait in one stream.</summary>
    public async Task PutHeadAsync(DateTimeOffset at, string sender, IEnumerable<long> held, CancellationToken cancellationToken)
    {
        var range = new CompactRange();
        foreach (var entry in _entries) range.Append(MerkleHash.Leaf(entry));
        var note = await SignAsync(new Checkpoint(Origin, _tree.Size, _tree.Root()).ToBytes(), cancellationToken);
        var last = _streams.GetValueOrDefault(new StreamId(_negotiation, sender, Lane.Normal))?.Count ?? 0;
        var waiting = held.Select(sequence => new HeldEnvelope(sequence, Digest.Of([1]), Digest.Of([2]), at.AddHours(1)));
        var state = LedgerState.Empty with
        {
            Commit = 1,
            Range = range,
            At = at,
            Policy = new PolicyState(1, Digest.Of("policy"u8)),
            Streams = [new StreamState(sender, Lane.Normal, last, Digest.Of([3]), Digest.Of([4]), [.. waiting])],
        };
        var head = new LedgerHead(Origin, state, null, note, Certificate!);
        _store.Set(LedgerPaths.Head(_negotiation), (await SignAsync(HeadCodec.WriteText(head), cancellationToken)).Bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signer.Dispose();
        _mediatorSigner.Dispose();
        _mediator.Dispose();
        _key.Dispose();
    }

    private byte[] Bundle(TileId tile) =>
        EntryBundle.Write(
            [.. _entries.GetRange((int)tile.Index * TileId.FullWidth, tile.Width).Select(entry => new ReadOnlyMemory<byte>(entry))]);

    private void PutChunk(StreamId stream, long chunk)
    {
        var indices = _streams[stream].Skip((int)chunk * LedgerPaths.ChunkWidth).Take(LedgerPaths.ChunkWidth).ToList();
        var bytes = new byte[indices.Count * sizeof(long)];
        for (var i = 0; i < indices.Count; i++) BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * sizeof(long)), indices[i]);
        Put(LedgerPaths.Chunk(stream, chunk, indices.Count), bytes);
    }

    // Of a place only the newest partial is kept.
    private void Put(string name, ReadOnlyMemory<byte> content)
    {
        var place = name.Split(".p/")[0];
        foreach (var old in _store.Names.Where(other => other.StartsWith(place + ".p/", StringComparison.Ordinal))) _store.Set(old, null);
        _store.Set(name, content);
    }

    private async Task PutCheckpointAsync(DateTimeOffset at, CancellationToken cancellationToken)
    {
        Assert.True(PublicJwk.TryCreate(_key.Public.ToECParameters(), null, out var jwk, out _));
        Certificate ??= await _certifier.CertifyAsync($"{RelayName}/", jwk, at, at.AddHours(1), cancellationToken);
        Assert.True(NoteKey.TryCreate(Origin, jwk, out var key, out _));
        using (key) _store.Set(LedgerPaths.Certificate(_negotiation, key.KeyId), Certificate!.Bytes.ToArray());
        _store.Set(
            LedgerPaths.Checkpoint(_negotiation),
            (await SignAsync(new Checkpoint(Origin, _tree.Size, _tree.Root()).ToBytes(), cancellationToken)).Bytes);
    }

    private async Task<SignedNote> SignAsync(byte[] text, CancellationToken cancellationToken)
    {
        Assert.True(PublicJwk.TryCreate(_key.Public.ToECParameters(), null, out var jwk, out _));
        Assert.True(NoteKey.TryCreate(Origin, jwk, out var key, out var error), error);
        using (key) return await key.SignAsync(text, _signer, cancellationToken);
    }
}
