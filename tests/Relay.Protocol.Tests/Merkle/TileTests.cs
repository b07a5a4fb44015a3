using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Merkle;

public sealed class TileTests
{
    // C2SP tlog-tiles: index 1234067 is its example; the others follow its rules.
    [Theory]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 0, 255, "tile/0/000.p/255")]
    [InlineData(1, 999, 1, "tile/1/999.p/1")]
    [InlineData(63, 1000, 17, "tile/63/x001/000.p/17")]
    [InlineData(TileId.EntriesLevel, 123456789, 256, "tile/entries/x123/x456/789")]
    [InlineData(TileId.EntriesLevel, 1, 8, "tile/entries/001.p/8")]
    public void Path_Examples_ReadBackTheSame(int level, long index, int width, string path)
    {
        var tile = new TileId(level, index, width);
        Assert.Equal(path, tile.Path);
        Assert.True(TileId.TryParse(path, out var read));
        Assert.Equal(tile, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tile/")]
    [InlineData("tile/0")]
    [InlineData("tile/0/")]
    [InlineData("/tile/0/000")]
    [InlineData("tile/0/0")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/001/067")]
    [InlineData("tile/0/x001/x067")]
    [InlineData("tile/00/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/data/000")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/000.p/1.p/1")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/999")]
    [InlineData("tile/0/٠٠٠")]
    public void TryParse_AnyOtherText_IsFalse(string path) => Assert.False(TileId.TryParse(path, out _));

    [Fact]
    public void TryParse_EverySingleCharacterChange_IsFalseOrAnotherTile()
    {
        const string Path = "tile/1/x001/067.p/17";
        Assert.True(TileId.TryParse(Path, out var tile));
        for (var i = 0; i < Path.Length; i++)
        {
            for (var c = (char)0; c < 128; c++)
            {
                var changed = Path.ToCharArray();
                changed[i] = c;
                if (c == Path[i] || !TileId.TryParse(changed, out var other)) continue;
                Assert.NotEqual(tile, other);
                Assert.Equal(new string(changed), other.Path);
            }
            // A cut before the width is the full tile, a cut in its digits a narrower one; no other prefix is a path.
            Assert.Equal(i == Path.Length - 1 || i == "tile/1/x001/067".Length, TileId.TryParse(Path.AsSpan(0, i), out _));
        }
    }

    // C2SP tlog-tiles, section "Partial Tiles".
    [Fact]
    public void Added_TreeOf70000_IsTheExampleOfTheSpecification()
    {
        var tiles = TileId.Added(0, 70_000);
        Assert.Equal(273, tiles.Count(t => t is { Level: 0, IsFull: true }));
        Assert.Equal(112, Assert.Single(tiles, t => t is { Level: 0, IsFull: false }).Width);
        Assert.Equal([(256, 0L), (17, 1L)], tiles.Where(t => t.Level == 1).Select(t => (t.Width, t.Index)));
        Assert.Equal([(1, 0L)], tiles.Where(t => t.Level == 2).Select(t => (t.Width, t.Index)));
        Assert.Equal(274, tiles.Count(t => t.Level == TileId.EntriesLevel));
        Assert.DoesNotContain(tiles, t => t.Level > 2);
        Assert.Equal(["tile/entries/000", "tile/0/000", "tile/1/000.p/1"], TileId.Added(0, 256).Select(t => t.Path));
        Assert.Equal(
            ["tile/entries/000", "tile/entries/001.p/4", "tile/0/000", "tile/0/001.p/4", "tile/1/000.p/1"],
            TileId.Added(250, 260).Select(t => t.Path));
        Assert.Empty(TileId.Added(7, 7));
    }

    [Fact]
    public void Create_TwoTileLevels_AgreesWithTheNaiveTree()
    {
        const int Size = 1000;
        var naive = new NaiveTree(Size);
        var tree = new MerkleTree();
        for (var i = 0; i < Size; i++) tree.Append(naive.Leaf(i));
        foreach (var size in new[] { 1, 255, 256, 257, 511, 512, 700, Size })
        {
            var tiles = Tiles(tree, size);
            foreach (var tile in tiles.Values)
            {
                for (var i = 0; i < tile.Id.Width; i++)
                {
                    var span = tile.Id.Level == 0 ? 1 : 256;
                    var low = (int)(tile.Id.Index * 256 + i) * span;
                    Assert.Equal(new Digest(naive.Hash(low, low + span)), tile[i]);
                }
            }
            var nodes = new TiledNodes(size, id => tiles.GetValueOrDefault(id));
            Assert.True(MerkleProof.TryRoot(nodes, size, out var root));
            Assert.Equal(naive.Root(size), root);
        }
    }

    [Fact]
    public void Proofs_FromTheTilesNamed_AreThoseOfTheTree()
    {
        var tree = new MerkleTree();
        for (var i = 0; i < 70_000; i++) tree.Append(MerkleHash.Leaf([(byte)i, (byte)(i >> 8), (byte)(i >> 16)]));
        foreach (var (first, size) in new[]
        {
            (1, 2),
            (255, 300),
            (256, 512),
            (300, 70_000),
            (65_536, 70_000),
            (69_999, 70_000),
            (65_537, 66_000),
        })
        {
            var wanted = MerkleProof.ConsistencyTiles(first, size).ToDictionary(t => t, t => HashTile.Create(t, tree)!);
            Assert.True(MerkleProof.TryBuildConsistency(new TiledNodes(size, wanted.GetValueOrDefault), first, size, out var proof));
            Assert.True(MerkleProof.TryBuildConsistency(tree, first, size, out var expected));
            Assert.Equal(expected, proof);
            var index = first - 1;
            wanted = MerkleProof.InclusionTiles(index, size).ToDictionary(t => t, t => HashTile.Create(t, tree)!);
            Assert.True(wanted.Count <= 6, "a proof reads a few tiles");
            Assert.True(MerkleProof.TryBuildInclusion(new TiledNodes(size, wanted.GetValueOrDefault), index, size, out proof));
            Assert.True(MerkleProof.TryBuildInclusion(tree, index, size, out expected));
            Assert.Equal(expected, proof);
            Assert.False(MerkleProof.TryBuildInclusion(new TiledNodes(size, _ => null), index, size, out _));
        }
    }

    [Fact]
    public void HashTile_BytesOfAnyOtherLength_AreRefused()
    {
        var id = new TileId(0, 0, 2);
        for (var length = 0; length < 100; length++)
        {
            Assert.Equal(length == 64, HashTile.TryRead(id, new byte[length], out var tile, out var error));
            Assert.Equal(tile is null, error.Length > 0);
        }
        Assert.False(HashTile.TryRead(new TileId(TileId.EntriesLevel, 0, 2), new byte[64], out _, out _));
        Assert.Throws<ArgumentException>(() => HashTile.Create(id, [default]));
    }

    [Fact]
    public void EntryBundle_Written_ReadsBackAndNoPrefixDoes()
    {
        ReadOnlyMemory<byte>[] entries = [new byte[] { 1, 2, 3 }, ReadOnlyMemory<byte>.Empty, new byte[300]];
        var bytes = EntryBundle.Write(entries);
        Assert.Equal([0, 3, 1, 2, 3, 0, 0, 1, 44], bytes[..9]);
        Assert.True(EntryBundle.TryRead(bytes, 3, out var read, out var error), error);
        Assert.Equal(entries.Select(e => e.ToArray()), read.Select(e => e.ToArray()));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(EntryBundle.TryRead(bytes.AsMemory(0, length), 3, out _, out _));
        }
        Assert.False(EntryBundle.TryRead(bytes, 2, out _, out _));
        Assert.False(EntryBundle.TryRead(bytes, 4, out _, out _));
        Assert.False(EntryBundle.TryRead(new byte[] { 0xff, 0xff, 1 }, 1, out _, out _));
        Assert.Throws<ArgumentException>(() => EntryBundle.Write([]));
        Assert.Throws<ArgumentException>(() => EntryBundle.Write([new byte[65_536]]));
        Assert.True(EntryBundle.TryRead(EntryBundle.Write([new byte[65_535]]), 1, out _, out _));
    }

    private static Dictionary<TileId, HashTile> Tiles(MerkleTree tree, long size) =>
        TileId.Added(0, size).Where(t => t.Level >= 0).ToDictionary(t => t, t => HashTile.Create(t, tree)!);
}
