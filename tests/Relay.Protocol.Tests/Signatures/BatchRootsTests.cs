using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Signatures;

public sealed class BatchRootsTests
{
    [Fact]
    public void Add_MoreThanFit_KeepsTheNewestAndNoMoreThanTheCapacity()
    {
        var roots = new BatchRoots(8);
        for (var i = 0; i < 100; i++)
        {
            roots.Add(Root(i));
            Assert.True(roots.Contains(Root(i)));
            Assert.InRange(roots.Count, 1, 8);
            for (var newest = Math.Max(0, i - 3); newest <= i; newest++) Assert.True(roots.Contains(Root(newest)), $"{newest} of {i}");
        }
        Assert.False(roots.Contains(Root(0)));
    }

    [Fact]
    public void Contains_OneAskedForAgainAndAgain_StaysHoweverManyCome()
    {
        var roots = new BatchRoots(8);
        roots.Add(Root(0));
        for (var i = 1; i < 100; i++)
        {
            roots.Add(Root(i));
            Assert.True(roots.Contains(Root(0)), $"after {i}");
        }
    }

    [Fact]
    public void Contains_AnyPartOfItAnother_IsAnother()
    {
        var roots = new BatchRoots(8);
        var root = Root(1);
        roots.Add(root);
        Assert.False(roots.Contains(root with { TreeSize = 8 }));
        Assert.False(roots.Contains(root with { Hash = Digest.Of([2]) }));
        Assert.False(roots.Contains(root with { R = root.S }));
        Assert.False(roots.Contains(root with { S = root.R }));
        Assert.True(roots.Contains(root));
    }

    private static BatchRoots.Root Root(int i) => new(7, Digest.Of([(byte)i]), Digest.Of([1, (byte)i]), Digest.Of([2, (byte)i]));
}
