using System.Buffers.Binary;
using System.Collections.Immutable;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Reads the immutable blobs of one ledger as they are at a state, and believes
/// nothing that does not lead to that state's root. Not for concurrent use.
/// </summary>
/// <remarks>
/// Each method throws <see cref="LedgerDamagedException"/> for a blob that is missing or not
/// what the state says, and <see cref="LedgerStoreException"/> when the store does not answer.
/// </remarks>
internal sealed class StateBlobs(StagedView store, string negotiation)
{
    private const int IndexBytes = 8;
    private const int MaxCached = 64;

    // The full bundle read last: acknowledgements come in the order of what they acknowledge. Each use proves what it takes from it.
    private (TileId Id, IReadOnlyList<ReadOnlyMemory<byte>> Entries)? _bundle;

    // Full tiles and bundles that were part of a proof that held. They never change.
    private readonly Dictionary<TileId, ReadOnlyMemory<byte>> _proved = [];

    /// <summary>The edge of the state's tree.</summary>
    public async ValueTask<TreeEdge> ReadEdgeAsync(LedgerState state, CancellationToken cancellationToken)
    {
        var tiles = new List<HashTile>();
        foreach (var id in TreeEdge.TilesOf(state.Size))
        {
            tiles.Add(ToTile(id, await ReadAsync(LedgerPaths.Tile(negotiation, id), cancellationToken).ConfigureAwait(false)));
        }

        ImmutableArray<ReadOnlyMemory<byte>> bundle = [];
        if (state.Size % TileId.FullWidth != 0)
        {
            var id = TileId.Of(TileId.EntriesLevel, state.Size / TileId.FullWidth, state.Size);
            bundle = ToEntries(id, await ReadAsync(LedgerPaths.Tile(negotiation, id), cancellationToken).ConfigureAwait(false));
        }

        var edge = TreeEdge.Of(state.Size, tiles, bundle);
        if (!MerkleProof.TryRoot(edge, state.Size, out var root) || root != state.Range.Root())
        {
            throw Damaged("the tiles at the edge", $"the root at size {state.Size}");
        }
        for (var i = 0; i < bundle.Length; i++)
        {
            if (!edge.TryGet(0, state.Size - bundle.Length + i, out var leaf) || MerkleHash.Leaf(bundle[i].Span) != leaf)
            {
                throw Damaged("the bundle at the edge", $"the leaf hash of its entry {i}");
            }
        }

        edge.Trim();
        return edge;
    }

    /// <summary>An entry with its inclusion proof in the state's tree.</summary>
    public async ValueTask<ProvedEntry> ReadEntryAsync(LedgerState state, TreeEdge edge, long index, CancellationToken cancellationToken)
    {
        if (index < 0 || index >= state.Size) throw Damaged("a stream chunk", $"indices below {state.Size}");
        var id = TileId.Of(TileId.EntriesLevel, index / TileId.FullWidth, state.Size);
        var entries = id.IsFull ? null : edge.Bundle(id.Index);
        if (entries is null && _bundle is { } kept && kept.Id == id) entries = kept.Entries;
        // What is kept has to be proved anew; should that fail, the store is asked again the next time.
        _bundle = null;
        entries ??= ToEntries(id, await ReadTileAsync(id, cancellationToken).ConfigureAwait(false));
        var text = entries[(int)(index % TileId.FullWidth)];
        var needed = MerkleProof.InclusionTiles(index, state.Size);
        var tiles = await ReadTilesAsync(needed, edge, cancellationToken).ConfigureAwait(false);
        var nodes = new TiledNodes(state.Size, tile => tiles.GetValueOrDefault(tile));
        if (!MerkleProof.TryBuildInclusion(nodes, index, state.Size, out var proof)
            || !MerkleProof.VerifyInclusion(MerkleHash.Leaf(text.Span), index, state.Size, proof.AsSpan(), state.Range.Root()))
        {
            throw Damaged($"entry {index} or a tile above it", $"the root at size {state.Size}");
        }

        if (id.IsFull) _bundle = (id, entries);
        if (!LedgerEntry.TryParse(text.Span, out var entry, out var error))
        {
            throw new LedgerDamagedException($"{negotiation}: entry {index}: {error}");
        }
        Remember(tiles.Values);
        return new ProvedEntry(index, entry, proof);
    }

    /// <summary>Root of the state's tree when it had <paramref name="size"/> entries.</summary>
    public async ValueTask<Digest> ReadRootAsync(LedgerState state, TreeEdge edge, long size, CancellationToken cancellationToken)
    {
        var needed = MerkleProof.RootTiles(size, state.Size).Concat(MerkleProof.ConsistencyTiles(size, state.Size));
        var tiles = await ReadTilesAsync(needed, edge, cancellationToken).ConfigureAwait(false);
        var nodes = new TiledNodes(state.Size, tile => tiles.GetValueOrDefault(tile));
        if (!MerkleProof.TryRoot(nodes, size, out var root)
            || !MerkleProof.TryBuildConsistency(nodes, size, state.Size, out var proof)
            || !MerkleProof.VerifyConsistency(size, root, state.Size, state.Range.Root(), proof.AsSpan()))
        {
            throw Damaged("a tile", $"the root at size {state.Size}");
        }

        Remember(tiles.Values);
        return root;
    }

    /// <summary>Ledger index of a logged sequence. Only as good as the chunk: the entry there must have the envelope's id.</summary>
    public async ValueTask<long> ReadIndexAsync(StreamId stream, StreamState state, long sequence, CancellationToken cancellationToken)
    {
        var name = LedgerPaths.ChunkAt(stream, sequence, state.Last);
        var content = LedgerPaths.ChunkOf(sequence) == LedgerPaths.ChunkOf(state.Last)
            ? await ReadChunkAsync(stream, state, cancellationToken).ConfigureAwait(false)
            : await ReadAsync(name, cancellationToken).ConfigureAwait(false);
        var at = (int)((sequence - 1) % LedgerPaths.ChunkWidth) * IndexBytes;
        if (content.Length % IndexBytes != 0 || content.Length < at + IndexBytes) throw Damaged($"'{name}'", $"an index at byte {at}");
        return BinaryPrimitives.ReadInt64BigEndian(content.Span[at..]);
    }

    /// <summary>
    /// Ledger index of an acknowledgement; null when there is none. Only as good as the blob: the entry there must be that acknowledgement.
    /// </summary>
    public async ValueTask<long?> FindAcknowledgedAsync(AcknowledgementKey key, CancellationToken cancellationToken)
    {
        var name = LedgerPaths.Acknowledged(key.Id, key.Delegation);
        return await store.GetAsync(name, cancellationToken).ConfigureAwait(false) switch
        {
            null => null,
            { Intact: true, Content.Length: IndexBytes } blob => BinaryPrimitives.ReadInt64BigEndian(blob.Content.Span),
            _ => throw Damaged($"'{name}'", "an index of eight bytes"),
        };
    }

    /// <summary>The newest chunk of a stream with at least one logged envelope.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadChunkAsync(StreamId stream, StreamState state, CancellationToken cancellationToken)
    {
        var name = LedgerPaths.ChunkAt(stream, state.Last, state.Last);
        var content = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
        return Digest.Of(content.Span) == state.Chunk ? content : throw Damaged($"'{name}'", "the hash in the head");
    }

    /// <summary>A blob's bytes.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var blob = await store.GetAsync(name, cancellationToken).ConfigureAwait(false);
        return blob switch
        {
            null => throw new LedgerDamagedException($"expected blob '{name}', got none"),
            { Intact: false } => throw new LedgerDamagedException($"expected blob '{name}' intact, got damaged bytes"),
            _ => blob.Content,
        };
    }

    private async ValueTask<Dictionary<TileId, HashTile>> ReadTilesAsync(
        IEnumerable<TileId> ids, TreeEdge edge, CancellationToken cancellationToken)
    {
        var tiles = new Dictionary<TileId, HashTile>();
        foreach (var id in ids)
        {
            if (tiles.ContainsKey(id)) continue;
            var bytes = edge.Tile(id) ?? await ReadTileAsync(id, cancellationToken).ConfigureAwait(false);
            tiles[id] = ToTile(id, bytes);
        }

        return tiles;
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadTileAsync(TileId id, CancellationToken cancellationToken) =>
        _proved.TryGetValue(id, out var bytes)
            ? bytes
            : await ReadAsync(LedgerPaths.Tile(negotiation, id), cancellationToken).ConfigureAwait(false);

    private void Remember(IEnumerable<HashTile> tiles)
    {
        foreach (var tile in tiles)
        {
            if (!tile.Id.IsFull) continue;
            if (_proved.Count >= MaxCached) _proved.Clear();
            _proved[tile.Id] = tile.Bytes;
        }
    }

    private HashTile ToTile(TileId id, ReadOnlyMemory<byte> bytes) =>
        HashTile.TryRead(id, bytes, out var tile, out var error) ? tile : throw new LedgerDamagedException($"{negotiation}: {error}");

    private ImmutableArray<ReadOnlyMemory<byte>> ToEntries(TileId id, ReadOnlyMemory<byte> bytes) =>
        EntryBundle.TryRead(bytes, id.Width, out var entries, out var error)
            ? entries
            : throw new LedgerDamagedException($"{negotiation}/{id.Path}: {error}");

    private LedgerDamagedException Damaged(string what, string expected) =>
        new($"{negotiation}: expected {what} to lead to {expected}, got something else");
}

/// <summary>An entry that is in the tree.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Proof">Inclusion proof, the leaf's sibling first.</param>
internal sealed record ProvedEntry(long Index, LedgerEntry Entry, ImmutableArray<Digest> Proof);
