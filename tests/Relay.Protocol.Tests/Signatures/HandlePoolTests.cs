using Relay.Protocol.Signatures;

namespace Relay.Protocol.Tests.Signatures;

/// <summary>Handles are lent to one at a time, kept up to a bound, and freed: the one that comes back late too.</summary>
public sealed class HandlePoolTests
{
    // One in the slot, and as many again as there are processors.
    private static readonly int MostIdle = 1 + Environment.ProcessorCount;

    private readonly List<Handle> _made = [];

    [Fact]
    public void Rent_OfOneThatCameBack_MakesNoOther()
    {
        using var pool = Create();
        var first = pool.Rent();
        pool.Return(first);
        Assert.Same(first, pool.Rent());
        // Nobody is lent what another has.
        var second = pool.Rent();
        Assert.NotSame(first, second);
        pool.Return(second);
        pool.Return(first);
        Assert.Equal([first, second], new[] { pool.Rent(), pool.Rent() }.OrderBy(_made.IndexOf));
        Assert.Equal(2, _made.Count);
    }

    [Fact]
    public void Return_OfMoreThanAreKept_FreesTheRestAndTheNextAreKeptAgain()
    {
        using var pool = Create();
        for (var round = 0; round < 3; round++)
        {
            var lent = Enumerable.Range(0, MostIdle + 3).Select(_ => pool.Rent()).ToList();
            lent.ForEach(pool.Return);
            Assert.Equal(MostIdle, _made.Count(handle => handle.Freed == 0));
            Assert.Equal(3 * (round + 1), _made.Count(handle => handle.Freed == 1));
        }
        Assert.Equal(MostIdle + 9, _made.Count);
    }

    [Fact]
    public void Dispose_WithHandlesKeptAndLent_FreesThoseAtOnceAndTheseAsTheyComeBack()
    {
        var pool = Create();
        var lent = Enumerable.Range(0, MostIdle).Select(_ => pool.Rent()).ToList();
        var late = lent[^1];
        foreach (var handle in lent[..^1]) pool.Return(handle);
        pool.Dispose();
        Assert.Equal([late], _made.Where(handle => handle.Freed == 0));
        pool.Return(late);
        // A verification that has begun goes on, with a handle of its own.
        var after = pool.Rent();
        Assert.Equal(0, after.Freed);
        pool.Return(after);
        Assert.All(_made, handle => Assert.Equal(1, handle.Freed));
    }

    private HandlePool<Handle> Create() => new(() =>
    {
        _made.Add(new Handle());
        return _made[^1];
    });

    private sealed class Handle : IDisposable
    {
        public int Freed { get; private set; }

        public void Dispose() => Freed++;
    }
}
