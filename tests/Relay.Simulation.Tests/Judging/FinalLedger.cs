using Relay.Protocol.Ledger;
using Relay.Simulation.Tests.Ledgers;

namespace Relay.Simulation.Tests.Judging;

/// <summary>What a negotiation's published ledger says in the end, read from the store alone.</summary>
internal sealed class FinalLedger
{
    private readonly List<LedgerEntry> _entries = [];
    private readonly MerkleTree _tree = new();

    private FinalLedger(Checkpoint checkpoint) => Checkpoint = checkpoint;

    public Checkpoint Checkpoint { get; }

    public IReadOnlyList<LedgerEntry> Entries => _entries;

    public MerkleTree Tree => _tree;

    /// <summary>Root of the first <paramref name="size"/> entries, computed from the entries.</summary>
    public string RootAt(long size) => _tree.Root(size).ToString();

    /// <summary>Null when nothing was ever published.</summary>
    public static FinalLedger? Read(SimStore store, string negotiation)
    {
        if (store.Get($"{negotiation}/checkpoint") is not { } blob) return null;
        var checkpoint = ReadCheckpoint(blob.Content);
        var ledger = new FinalLedger(checkpoint);
        for (var index = 0L; index * TileId.FullWidth < checkpoint.Size; index++)
        {
            var id = TileId.Of(TileId.EntriesLevel, index, checkpoint.Size);
            var bundle = store.Get($"{negotiation}/{id.Path}");
            Assert.True(
                bundle is { Intact: true }, $"{negotiation}/{id.Path} is missing or torn, with a checkpoint of size {checkpoint.Size}");
            Assert.True(EntryBundle.TryRead(bundle.Content, id.Width, out var entries, out var error), error);
            foreach (var bytes in entries)
            {
                Assert.True(LedgerEntry.TryParse(bytes.Span, out var entry, out error), error);
                ledger._entries.Add(entry);
                ledger._tree.Append(MerkleHash.Leaf(bytes.Span));
            }
        }

        Assert.Equal(checkpoint.Root.ToString(), ledger.RootAt(checkpoint.Size));
        return ledger;
    }

    public static Checkpoint ReadCheckpoint(byte[] note)
    {
        Assert.True(SignedNote.TryParse(note, out var parsed, out var error), error);
        Assert.True(Checkpoint.TryParse(parsed.Text.Span, out var checkpoint, out error), error);
        return checkpoint;
    }
}
