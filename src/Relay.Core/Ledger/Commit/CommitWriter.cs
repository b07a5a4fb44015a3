using System.Buffers.Binary;
using System.Collections.Immutable;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>Turns a decision into blobs: tiles, bundles, stream chunks, and what they supersede. Pure.</summary>
internal static class CommitWriter
{
    private const int IndexBytes = 8;

    /// <param name="negotiation">The negotiation.</param>
    /// <param name="before">What the decision started from, with the tails of streams with new entries; left as it is.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="certificate">Name and content of the certificate to put; null when the ledger has it.</param>
    public static WrittenCommit Write(string negotiation, WorkingCopy before, Decision decision, StagedBlob? certificate)
    {
        var puts = new List<StagedBlob>(decision.Puts);
        if (certificate is not null) puts.Add(certificate);
        var grown = Grow(negotiation, before, decision, puts);
        var (state, tails) = WriteChunks(negotiation, before, decision, puts);
        // Each place has one put, and what two grow from is not the same.
        puts.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        var deletes = ImmutableArray.CreateBuilder<string>();
        foreach (var put in puts)
        {
            if (put.After is { } after) deletes.Add(after.Name);
        }

        deletes.Sort(StringComparer.Ordinal);
        return new WrittenCommit(
            state, new StagedCommit(state.Commit, [.. puts], deletes.DrainToImmutable(), decision.Deletes), grown, tails);
    }

    private static TreeEdge Grow(string negotiation, WorkingCopy before, Decision decision, List<StagedBlob> puts)
    {
        var size = before.State.Size;
        var grown = before.Edge.Clone();
        foreach (var entry in decision.Entries)
        {
            grown.Append(entry.Text, entry.Leaf);
        }

        // The head will be signed for this root: tiles that do not lead there would damage the ledger for good.
        if (before.Edge.Size != size || !MerkleProof.TryRoot(grown, grown.Size, out var root) || root != decision.State.Range.Root())
        {
            throw new InvalidOperationException(
                $"Expected an edge of {size} entries that grows to the root of {decision.State.Size}, got one of {before.Edge.Size}.");
        }

        foreach (var tile in TileId.Added(size, grown.Size))
        {
            var hashes = tile.Level == TileId.EntriesLevel ? size : size >> (tile.Level * TileId.Height);
            var there = tile.Index == hashes / TileId.FullWidth ? (int)(hashes % TileId.FullWidth) : 0;
            var name = LedgerPaths.Tile(negotiation, tile);
            var after = there == 0
                ? null
                : BaseOf(before, LedgerPaths.Tile(negotiation, tile with { Width = there }), () => PartOf(grown, tile, 0, there));
            puts.Add(new StagedBlob(name, PartOf(grown, tile, there, tile.Width), after));
        }

        return grown;
    }

    // Of a tile or bundle what it has from one place to another.
    private static ReadOnlyMemory<byte> PartOf(TreeEdge grown, TileId tile, int from, int to) => tile.Level == TileId.EntriesLevel
        ? EntryBundle.Write([.. grown.Bundle(tile.Index)!.Take(from..to)])
        : grown.Tile(tile)!.Value[(from * Digest.Size)..(to * Digest.Size)];

    // What is staged itself is joined to what grows from it, and its digest is asked of nobody.
    private static StagedBase BaseOf(WorkingCopy before, string name, Func<ReadOnlyMemory<byte>> content) =>
        new(name, before.Staged.Find(name) is null ? Digest.Of(content().Span) : default);

    private static (LedgerState State, ImmutableDictionary<int, byte[]> Tails) WriteChunks(
        string negotiation, WorkingCopy copy, Decision decision, List<StagedBlob> puts)
    {
        var before = copy.State;
        var indices = new SortedDictionary<int, List<long>>();
        for (var i = 0; i < decision.Entries.Length; i++)
        {
            var position = decision.Entries[i].Stream;
            if (position < 0) continue;
            if (!indices.TryGetValue(position, out var list)) indices[position] = list = [];
            list.Add(before.Size + i);
        }

        var streams = decision.State.Streams.ToBuilder();
        var tails = copy.Tails.ToBuilder();
        Span<byte> index = stackalloc byte[IndexBytes];
        foreach (var (position, added) in indices)
        {
            var id = new StreamId(negotiation, streams[position].Sender, streams[position].Lane);
            var last = position < before.Streams.Length ? before.Streams[position].Last : 0;
            var tail = last % LedgerPaths.ChunkWidth == 0 ? [] : copy.Tails[position];
            var after = tail.Length == 0 ? null : BaseOf(copy, LedgerPaths.ChunkAt(id, last, last), () => tail);
            var content = new List<byte>(tail);
            var chunk = last / LedgerPaths.ChunkWidth;
            byte[] newest = [];
            for (var i = 0; i < added.Count; i++)
            {
                BinaryPrimitives.WriteInt64BigEndian(index, added[i]);
                content.AddRange(index);
                var isFull = content.Count == LedgerPaths.ChunkWidth * IndexBytes;
                if (!isFull && i < added.Count - 1) continue;
                newest = [.. content];
                var name = LedgerPaths.Chunk(id, chunk, newest.Length / IndexBytes);
                puts.Add(new StagedBlob(name, after is null ? newest : newest.AsMemory(tail.Length), after));
                after = null;
                if (!isFull) continue;
                content.Clear();
                chunk++;
            }

            streams[position] = streams[position] with { Chunk = Digest.Of(newest) };
            tails[position] = content.Count == 0 ? [] : newest;
        }

        return (decision.State with { Streams = streams.DrainToImmutable() }, tails.ToImmutable());
    }
}

/// <summary>A decision as blobs.</summary>
/// <param name="State">The state, complete.</param>
/// <param name="Staged">What this commit alone writes.</param>
/// <param name="Edge">Edge of the tree afterwards, not trimmed: proofs of the new entries come from it.</param>
/// <param name="Tails">Newest chunks of streams, those not full.</param>
internal sealed record WrittenCommit(LedgerState State, StagedCommit Staged, TreeEdge Edge, ImmutableDictionary<int, byte[]> Tails);
