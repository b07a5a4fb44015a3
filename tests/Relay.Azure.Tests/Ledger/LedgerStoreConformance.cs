using System.Buffers.Binary;
using Relay.Core.Ledger.Store;
using Relay.FaultTests.Host;

namespace Relay.Azure.Tests.Ledger;

/// <summary>What every ledger store does alike.</summary>
public abstract class LedgerStoreConformance
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(3_000_000)]
    public async Task PutIfAbsent_OfAnySize_IsReadBackWhole(int size)
    {
        var store = await OpenAsync();
        var content = new byte[size];
        new Random(size).NextBytes(content);
        var expected = content.ToArray();
        var put = await store.PutIfAbsentAsync("doha-2026/tile/0/x001/234.p/8", content, Cancel);
        Array.Clear(content);
        var read = await store.GetAsync("doha-2026/tile/0/x001/234.p/8", Cancel);

        Assert.True(put.Stored);
        Assert.NotNull(read);
        Assert.True(read.Content.Span.SequenceEqual(expected));
        Assert.Equal(put.ETag, read.ETag);
        Assert.True(read.Intact);
    }

    [Fact]
    public async Task Get_OfNothing_IsNull()
    {
        var store = await OpenAsync();
        await store.PutIfAbsentAsync("a/b", Bytes(1), Cancel);
        Assert.Null(await store.GetAsync("a/c", Cancel));
        Assert.Null(await store.GetAsync("x/y/z", Cancel));
        Assert.Null(await store.GetAsync("a/b/c", Cancel));
    }

    [Fact]
    public async Task PutIfAbsent_WhereABlobIs_ChangesNothing()
    {
        var store = await OpenAsync();
        var first = await store.PutIfAbsentAsync("head", Bytes(1), Cancel);
        Assert.Equal(default, await store.PutIfAbsentAsync("head", Bytes(2), Cancel));
        Assert.Equal(default, await store.PutIfAbsentAsync("head", Bytes(1), Cancel));
        await HoldsAsync(store, "head", 1, first.ETag);
    }

    [Fact]
    public async Task PutIfMatch_OfTheCurrentETag_Replaces()
    {
        var store = await OpenAsync();
        var etag = (await store.PutIfAbsentAsync("head", Bytes(0), Cancel)).ETag!;
        for (var i = 1; i <= 5; i++)
        {
            var put = await store.PutIfMatchAsync("head", Bytes(i), etag, Cancel);
            Assert.True(put.Stored);
            Assert.NotEqual(etag, put.ETag);
            Assert.Equal(default, await store.PutIfMatchAsync("head", Bytes(99), etag, Cancel));
            etag = put.ETag!;
            await HoldsAsync(store, "head", i, etag);
        }

        var same = await store.PutIfMatchAsync("head", Bytes(5), etag, Cancel);
        Assert.True(same.Stored);
        await HoldsAsync(store, "head", 5, same.ETag);
    }

    [Fact]
    public async Task PutIfMatch_OfNothing_IsRefused()
    {
        var store = await OpenAsync();
        var gone = (await store.PutIfAbsentAsync("head", Bytes(0), Cancel)).ETag!;
        await store.DeleteAsync("head", Cancel);
        Assert.Equal(default, await store.PutIfMatchAsync("head", Bytes(1), gone, Cancel));
        Assert.Equal(default, await store.PutIfMatchAsync("other/head", Bytes(1), gone, Cancel));
        Assert.Null(await store.GetAsync("head", Cancel));
    }

    [Fact]
    public async Task Delete_Twice_LeavesRoomForANewBlob()
    {
        var store = await OpenAsync();
        await store.PutIfAbsentAsync("a/b/c", Bytes(1), Cancel);
        await store.PutIfAbsentAsync("a/b/d", Bytes(2), Cancel);
        await store.DeleteAsync("a/b/c", Cancel);
        await store.DeleteAsync("a/b/c", Cancel);
        await store.DeleteAsync("nothing/here", Cancel);
        Assert.Null(await store.GetAsync("a/b/c", Cancel));
        Assert.Equal(["a/b/d"], await NamesAsync(store, ""));
        Assert.True((await store.PutIfAbsentAsync("a/b/c", Bytes(3), Cancel)).Stored);
        Assert.Equal(["a/b/c", "a/b/d"], await NamesAsync(store, ""));
    }

    [Fact]
    public async Task List_ByPrefix_IsOrdinal()
    {
        var store = await OpenAsync();
        string[] names =
        [
            "a-b/1", "a/0", "a/head", "a/tile/0/000.p/255", "a/tile/0/000.p/9", "a/tile/0/x001/000", "a/tile/0/x001/000.p/1", "a/tile-x",
            "a/tile.x", "a0/z", ".negotiations/a", "b",
        ];
        foreach (var name in names) await store.PutIfAbsentAsync(name, Bytes(1), Cancel);
        string[] prefixes =
        [
            "", "a", "a/", "a/t", "a/tile/", "a/tile/0/000.", "a/tile/0/x001/000", "a/head", "b", "c", "a/head/x", ".neg",
            "a/tile/0/000.p/2",
        ];
        foreach (var prefix in prefixes)
        {
            Assert.Equal(
                names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
                await NamesAsync(store, prefix));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("A")]
    [InlineData("~/locks/00")]
    [InlineData("a\\b")]
    [InlineData("a%2f..")]
    public async Task Calls_WithABadName_AreRefused(string name)
    {
        var store = await OpenAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.GetAsync(name, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.PutIfAbsentAsync(name, Bytes(1), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.PutIfMatchAsync(name, Bytes(1), "\"1\"", Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.DeleteAsync(name, Cancel));
        Assert.Empty(await NamesAsync(store, ""));
    }

    [Fact]
    public async Task Calls_Cancelled_ChangeNothing()
    {
        var store = await OpenAsync();
        var put = await store.PutIfAbsentAsync("a", Bytes(1), Cancel);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.GetAsync("a", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.PutIfAbsentAsync("b", Bytes(2), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.PutIfMatchAsync("a", Bytes(2), put.ETag!, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.DeleteAsync("a", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var name in store.ListAsync("", cancelled)) Assert.Fail(name);
        });
        Assert.Equal(["a"], await NamesAsync(store, ""));
        await HoldsAsync(store, "a", 1, put.ETag);
    }

    [Fact]
    public async Task PutIfAbsent_FromManyAtOnce_StoresExactlyOne()
    {
        var store = await OpenAsync();
        for (var round = 0; round < 10; round++)
        {
            var name = $"race/{round}";
            var puts = await Task.WhenAll(
                Enumerable.Range(0, 12)
                    .Select(i => Task.Run(async () => (Writer: i, Put: await store.PutIfAbsentAsync(name, Bytes(i), Cancel)), Cancel)));
            var winner = Assert.Single(puts, put => put.Put.Stored);
            await HoldsAsync(store, name, winner.Writer, winner.Put.ETag);
        }
    }

    [Fact]
    public async Task PutIfMatch_FromManyAtOnce_LosesNoUpdate()
    {
        var store = await OpenAsync();
        await store.PutIfAbsentAsync("counter", Bytes(0), Cancel);
        var counts = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => Task.Run(() => StoreRace.CountAsync(store, "counter", 15, Cancel), Cancel)));
        Assert.Equal(90, counts.Sum());
        Assert.Equal(90, Value(await store.GetAsync("counter", Cancel)));
    }

    [Fact]
    public async Task Get_DuringReplacement_SeesOneContentWhole()
    {
        var store = await OpenAsync();
        var etag = (await store.PutIfAbsentAsync("a/head", Repeated(0), Cancel)).ETag!;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reads = 0;
        var reader = Task.Run(
            async () =>
            {
                for (; !stop.IsCancellationRequested; Interlocked.Increment(ref reads))
                {
                    var blob = await store.GetAsync("a/head", Cancel);
                    Assert.NotNull(blob);
                    Assert.True(blob.Intact);
                    Assert.Equal(Repeated(blob.Content.Span[0]), blob.Content.ToArray());
                }
            },
            Cancel);
        for (var i = 1; (i <= 40 || Volatile.Read(ref reads) < 20) && !reader.IsCompleted; i++)
        {
            var put = await store.PutIfMatchAsync("a/head", Repeated(i % 256), etag, Cancel);
            Assert.True(put.Stored);
            etag = put.ETag!;
        }

        await stop.CancelAsync();
        await reader;
    }

    [Fact]
    public async Task PutIfAbsent_BesideDeletesOfItsNeighbours_IsNotDisturbed()
    {
        var store = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(
            async () =>
            {
                for (var round = 0; round < 12; round++)
                {
                    Assert.True((await store.PutIfAbsentAsync($"a/tile/{i}", Bytes(round), Cancel)).Stored);
                    await HoldsAsync(store, $"a/tile/{i}", round, null);
                    await store.DeleteAsync($"a/tile/{i}", Cancel);
                }
            },
            Cancel)));
        Assert.Empty(await NamesAsync(store, ""));
    }

    /// <summary>A store with nothing in it.</summary>
    protected abstract Task<ILedgerStore> OpenAsync();

    protected static byte[] Bytes(int value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    protected static async Task<List<string>> NamesAsync(ILedgerStore store, string prefix)
    {
        var names = new List<string>();
        await foreach (var name in store.ListAsync(prefix, Cancel)) names.Add(name);
        return names;
    }

    protected static async Task HoldsAsync(ILedgerStore store, string name, int value, string? etag)
    {
        var blob = await store.GetAsync(name, Cancel);
        Assert.Equal(value, Value(blob));
        if (etag is not null) Assert.Equal(etag, blob!.ETag);
    }

    private static long Value(StoredBlob? blob)
    {
        Assert.NotNull(blob);
        Assert.True(blob.Intact);
        return BinaryPrimitives.ReadInt64BigEndian(blob.Content.Span);
    }

    private static byte[] Repeated(int value)
    {
        var bytes = new byte[50_000 + value % 7 * 1_000];
        Array.Fill(bytes, (byte)value);
        return bytes;
    }
}
