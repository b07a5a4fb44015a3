using System.Buffers.Binary;
using System.Collections.Immutable;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Commit;

/// <summary>Turns a decision into blobs: tiles, bundles, stream chunks, and what they supersede. Pure.</summary>
internal static class CommitWriter
{
    private const int IndexBytes = 8;

    /// <param name="negotiation">The negotiation.</param>
    /// <param name="before">State that the decision started from.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="edge">Edge of the tree before; left as it is.</param>
    /// <param name="tails">Newest stream chunks that are not full, by position of their stream; those of streams with new entries at least.</param>
    /// <param name="certificate">Name and content of the certificate to put; null when the ledger has it.</param>
    public static WrittenCommit Write(
        string negotiation, LedgerState before, Decision decision, TreeEdge edge, IReadOnlyDictionary<int, byte[]> tails, StagedBlob? certificate)
    {
        var puts = new SortedDictionary<string, StagedBlob>(StringComparer.Ordinal);
        var deletes = new SortedSet<string>(decision.Deletes, StringComparer.Ordinal);
        foreach (var put in decision.Puts)
        {
            puts[put.Name] = put;
        }

        if (certificate is not null) puts[certificate.Name] = certificate;
        var grown = Grow(negotiation, before, decision, edge, puts, deletes);
        var (state, newTails) = WriteChunks(negotiation, before, decision, tails, puts, deletes);
        return new WrittenCommit(state, new StagedCommit(state.Commit, [.. puts.Values], [.. deletes.Where(name => !puts.ContainsKey(name))]), grown, newTails);
    }

    private static TreeEdge Grow(
        string negotiation, LedgerState before, Decision decision, TreeEdge edge, SortedDictionary<string, StagedBlob> puts, SortedSet<string> deletes)
    {
        var grown = edge.Clone();
        foreach (var entry in decision.Entries)
        {
            grown.Append(entry.Text, entry.Leaf);
        }

        // The head will be signed for this root: tiles that do not lead there would damage the ledger for good.
        if (edge.Size != before.Size || !MerkleProof.TryRoot(grown, grown.Size, out var root) || root != decision.State.Range.Root())
        {
            throw new InvalidOperationException($"Expected an edge of {before.Size} entries that grows to the root of {decision.State.Size}, got one of {edge.Size}.");
        }

        foreach (var tile in TileId.Added(before.Size, grown.Size))
        {
            var content = tile.Level == TileId.EntriesLevel ? EntryBundle.Write([.. grown.Bundle(tile.Index)!]) : grown.Tile(tile)!.Value;
            var name = LedgerPaths.Tile(negotiation, tile);
            puts[name] = new StagedBlob(name, content);
            var hashes = tile.Level == TileId.EntriesLevel ? before.Size : before.Size >> (tile.Level * TileId.Height);
            if (tile.Index == hashes / TileId.FullWidth && hashes % TileId.FullWidth != 0)
            {
                deletes.Add(LedgerPaths.Tile(negotiation, tile with { Width = (int)(hashes % TileId.FullWidth) }));
            }
        }

        return grown;
    }

    private static (LedgerState State, Dictionary<int, byte[]> Tails) WriteChunks(
        string negotiation, LedgerState before, Decision decision, IReadOnlyDictionary<int, byte[]> tails, SortedDictionary<string, StagedBlob> puts, SortedSet<string> deletes)
    {
        var indices = new SortedDictionary<int, List<long>>();
        for (var i = 0; i < decision.Entries.Length; i++)
        {
            var position = decision.Entries[i].Stream;
            if (position < 0) continue;
            if (!indices.TryGetValue(position, out var list)) indices[position] = list = [];
            list.Add(before.Size + i);
        }

        var streams = decision.State.Streams.ToBuilder();
        var newTails = new Dictionary<int, byte[]>();
        Span<byte> index = stackalloc byte[IndexBytes];
        foreach (var (position, added) in indices)
        {
            var id = new StreamId(negotiation, streams[position].Sender, streams[position].Lane);
            var last = position < before.Streams.Length ? before.Streams[position].Last : 0;
            var tail = last % LedgerPaths.ChunkWidth == 0 ? [] : tails[position];
            if (tail.Length > 0) deletes.Add(LedgerPaths.ChunkAt(id, last, last));
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
                puts[name] = new StagedBlob(name, newest);
                if (!isFull) continue;
                content.Clear();
                chunk++;
            }

            streams[position] = streams[position] with { Chunk = Digest.Of(newest) };
            newTails[position] = [.. content];
        }

        return (decision.State with { Streams = streams.DrainToImmutable() }, newTails);
    }
}

/// <summary>A decision as blobs.</summary>
/// <param name="State">The state, complete.</param>
/// <param name="Staged">Puts and deletes.</param>
/// <param name="Edge">Edge of the tree afterwards, not trimmed: proofs of the new entries come from it.</param>
/// <param name="Tails">Newest chunks, those not full, of the streams with new entries.</param>
internal sealed record WrittenCommit(LedgerState State, StagedCommit Staged, TreeEdge Edge, Dictionary<int, byte[]> Tails);
