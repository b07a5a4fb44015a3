using Relay.Core.Caching;
using Relay.Testing;

namespace Relay.Core.Tests.Caching;

public sealed class BoundedAgeCacheTests
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(120);

    private readonly ManualTimeProvider _time = new();
    private int _loads;

    [Fact]
    public async Task GetAsync_ManyCallersAtOnce_LoadOnce()
    {
        var source = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cache = Cache(async _ => await source.Task);
        var callers = Enumerable.Range(0, 100).Select(_ => Task.Run(() => GetAsync(cache).AsTask())).ToArray();
        await TestDeadline.Until(() => Volatile.Read(ref _loads) == 1, "the load");
        source.SetResult("value");
        Assert.All(await TestDeadline.Within(Task.WhenAll(callers)), value => Assert.Equal("value", value));
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task GetAsync_DueForRenewal_ServesTheHeldAnswerMeanwhile()
    {
        var source = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cache = Cache(async _ => _loads == 1 ? "old" : await source.Task);
        Assert.Equal("old", await GetAsync(cache));
        _time.Advance(Refresh);
        Assert.Equal("old", await GetAsync(cache));
        Assert.Equal("old", await GetAsync(cache));
        Assert.Equal(2, _loads);
        source.SetResult("new");

        // Joins the renewal under way.
        _time.Advance(MaxAge - Refresh);
        Assert.Equal("new", await TestDeadline.Within(GetAsync(cache).AsTask()));
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task GetAsync_TooOldAndSourceDown_ServesNothing()
    {
        var down = false;
        await using var cache = Cache(_ => Task.FromResult(down ? null : "value"));
        await GetAsync(cache);
        down = true;
        _time.Advance(MaxAge - TimeSpan.FromTicks(1));
        Assert.Equal("value", await GetAsync(cache));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await GetAsync(cache));
    }

    [Fact]
    public async Task GetAsync_AfterAFailure_LeavesTheSourceAlone()
    {
        await using var cache = Cache(_ => Task.FromResult<string?>(null));
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(await GetAsync(cache));
        }

        Assert.Equal(1, _loads);
        _time.Advance(new BoundedAgeCacheOptions().FailurePause);
        Assert.Null(await GetAsync(cache));
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task GetAsync_CallerCancels_TheOthersStillGetTheAnswer()
    {
        var source = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cache = Cache(async _ => await source.Task);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var first = cache.GetAsync("key", cancelled.Token).AsTask();
        var second = GetAsync(cache).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(first));
        source.SetResult("value");
        Assert.Equal("value", await TestDeadline.Within(second));
        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task GetAsync_SlowSource_IsGivenUpAfterTheTimeout()
    {
        await using var cache = Cache(async cancellationToken =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
            return null;
        });
        var get = GetAsync(cache).AsTask();
        await TestDeadline.Until(() => _time.ArmedTimers > 0, "the timeout");
        Assert.False(get.IsCompleted);
        _time.Advance(new BoundedAgeCacheOptions().LoadTimeout);
        Assert.Null(await TestDeadline.Within(get));
    }

    [Fact]
    public async Task GetAsync_ManyNewKeys_AreBoundedPerSecond()
    {
        var options = new BoundedAgeCacheOptions { NewKeysPerSecond = 5 };
        await using var cache = new BoundedAgeCache<string, string>(options, (key, _, _) => new(Loaded(key)), _time);
        var served = 0;
        for (var i = 0; i < 20; i++)
        {
            if (await cache.GetAsync($"a{i}", TestContext.Current.CancellationToken) is not null) served++;
        }

        Assert.Equal(5, served);
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 20; i++)
        {
            if (await cache.GetAsync($"b{i}", TestContext.Current.CancellationToken) is not null) served++;
        }

        Assert.Equal(10, served);
    }

    [Theory]
    [InlineData(8, 9)]
    [InlineData(8, 1_000)]
    [InlineData(1, 3)]
    [InlineData(4_096, 10_000)]
    public async Task GetAsync_MoreKeysInDateThanPlaces_AllAreServedAndTheBoundHolds(int places, int keys)
    {
        var options = new BoundedAgeCacheOptions { MaxEntries = places, NewKeysPerSecond = int.MaxValue };
        await using var cache = new BoundedAgeCache<int, string>(options, (key, _, _) => new(Loaded($"{key}")), _time);
        for (var key = 0; key < keys; key++)
        {
            Assert.Equal($"{key}", await cache.GetAsync(key, TestContext.Current.CancellationToken));
        }

        Assert.True(cache.Holds(keys - 1));
        Assert.InRange(Enumerable.Range(0, keys).Count(cache.Holds), 1, places);
    }

    [Fact]
    public async Task GetAsync_FullOfAnswersInDate_GivesUpWhatWasAskedForLongestAgo()
    {
        var options = new BoundedAgeCacheOptions { MaxEntries = 8 };
        await using var cache = new BoundedAgeCache<string, string>(options, (key, _, _) => new(Loaded(key)), _time);
        foreach (var key in new[] { "a", "b", "c", "d", "e", "f", "g", "h", "a", "c" })
        {
            await cache.GetAsync(key, TestContext.Current.CancellationToken);
            _time.Advance(TimeSpan.FromTicks(1));
        }

        await cache.RefreshAsync("b", Refresh, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromTicks(1));
        foreach (var dropped in new[] { "d", "e", "f", "g", "h", "a", "c", "b" })
        {
            var added = $"after {dropped}";
            Assert.True(cache.Holds(dropped));
            Assert.Equal(added, await cache.GetAsync(added, TestContext.Current.CancellationToken));
            Assert.False(cache.Holds(dropped));
            _time.Advance(TimeSpan.FromTicks(1));
        }
    }

    [Fact]
    public async Task GetAsync_FullOfLoadsUnderWay_IsRefusedUntilOneEnds()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new BoundedAgeCacheOptions { MaxEntries = 2 };
        await using var cache = new BoundedAgeCache<string, string>(
            options,
            async (key, _, cancellationToken) =>
            {
                await source.Task.WaitAsync(cancellationToken);
                return Loaded(key);
            },
            _time);
        var first = cache.GetAsync("a", TestContext.Current.CancellationToken).AsTask();
        var second = cache.GetAsync("b", TestContext.Current.CancellationToken).AsTask();
        Assert.Null(await cache.GetAsync("c", TestContext.Current.CancellationToken));
        source.SetResult();
        Assert.Equal(new string?[] { "a", "b" }, await TestDeadline.Within(Task.WhenAll(first, second)));
        Assert.Equal("c", await cache.GetAsync("c", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task GetAsync_FullOfExpendableAnswers_MakesRoomOldestFirst()
    {
        var options = new BoundedAgeCacheOptions { MaxEntries = 8 };
        var loads = new List<string>();
        await using var cache = new BoundedAgeCache<string, string>(
            options,
            (key, _, _) =>
            {
                loads.Add(key);
                return new(Loaded(key)!.Value with { IsExpendable = key != "kept" });
            },
            _time);
        foreach (var key in new[] { "kept", "a", "b", "c", "d", "e", "f", "g" })
        {
            await cache.GetAsync(key, TestContext.Current.CancellationToken);
            _time.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Equal("h", await cache.GetAsync("h", TestContext.Current.CancellationToken));
        Assert.False(cache.Holds("a"));
        Assert.True(cache.Holds("kept"));
        Assert.True(cache.Holds("b"));
        Assert.Equal(9, loads.Count);
    }

    [Fact]
    public async Task RefreshAsync_OlderThanAsked_LoadsFirst()
    {
        await using var cache = Cache(_ => Task.FromResult<string?>($"value {_loads}"));
        await GetAsync(cache);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("value 1", await cache.RefreshAsync("key", TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken));
        Assert.Equal("value 2", await cache.RefreshAsync("key", TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task GetAsync_LoadThrows_FailsItsCallerAndNobodyAfter()
    {
        await using var cache = Cache(_ => _loads == 1 ? throw new InvalidOperationException("broken") : Task.FromResult<string?>("value"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => GetAsync(cache).AsTask());
        _time.Advance(new BoundedAgeCacheOptions().FailurePause);
        Assert.Equal("value", await GetAsync(cache));
    }

    [Fact]
    public async Task DisposeAsync_LoadUnderWay_CancelsAndWaitsForIt()
    {
        var ended = false;
        var cache = Cache(async cancellationToken =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellationToken);
            }
            finally
            {
                ended = true;
            }

            return null;
        });
        var get = GetAsync(cache).AsTask();
        await cache.DisposeAsync();
        Assert.True(ended);
        Assert.Null(await TestDeadline.Within(get));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => GetAsync(cache).AsTask());
    }

    private static Loaded<string>? Loaded(string value) => new Loaded<string>(value, Refresh, MaxAge);

    private static ValueTask<string?> GetAsync(BoundedAgeCache<string, string> cache) =>
        cache.GetAsync("key", TestContext.Current.CancellationToken);

    private BoundedAgeCache<string, string> Cache(Func<CancellationToken, Task<string?>> load) => new(
        new BoundedAgeCacheOptions(),
        async (_, _, cancellationToken) =>
        {
            Interlocked.Increment(ref _loads);
            return await load(cancellationToken) is { } value ? Loaded(value) : null;
        },
        _time);
}
