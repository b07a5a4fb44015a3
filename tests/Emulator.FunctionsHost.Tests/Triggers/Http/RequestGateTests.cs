using Emulator.FunctionsHost.Triggers.Http;

namespace Emulator.FunctionsHost.Tests.Triggers.Http;

/// <summary>How many requests are in the worker at once, and how many may wait for it.</summary>
public sealed class RequestGateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryEnter_AllPlacesTaken_WaitsForOneToBeLeft()
    {
        await using var gate = new RequestGate(concurrent: 2, outstanding: -1);
        Assert.True(await gate.TryEnterAsync(Token));
        Assert.True(await gate.TryEnterAsync(Token));
        var third = gate.TryEnterAsync(Token).AsTask();
        Assert.False(third.IsCompleted);

        gate.Leave();

        Assert.True(await third);
    }

    [Fact]
    public async Task TryEnter_AsManyAsMayWait_IsTurnedAway()
    {
        await using var gate = new RequestGate(concurrent: 1, outstanding: 2);
        Assert.True(await gate.TryEnterAsync(Token));
        var waiting = gate.TryEnterAsync(Token).AsTask();

        Assert.False(await gate.TryEnterAsync(Token));

        gate.Leave();
        Assert.True(await waiting);
        var next = gate.TryEnterAsync(Token).AsTask();
        Assert.False(next.IsCompleted);
        gate.Leave();
        Assert.True(await next);
    }

    [Fact]
    public async Task TryEnter_ClientGoesAway_GivesItsPlaceToAnother()
    {
        await using var gate = new RequestGate(concurrent: 1, outstanding: 2);
        Assert.True(await gate.TryEnterAsync(Token));
        using var gone = new CancellationTokenSource();
        var waiting = gate.TryEnterAsync(gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        var next = gate.TryEnterAsync(Token).AsTask();
        gate.Leave();

        Assert.True(await next);
    }

    [Fact]
    public async Task LeaveAfter_InvocationRuns_KeepsThePlaceAndIsWaitedFor()
    {
        await using var gate = new RequestGate(concurrent: 1, outstanding: 2);
        Assert.True(await gate.TryEnterAsync(Token));
        var invoking = new TaskCompletionSource();

        gate.LeaveAfter(invoking.Task);
        var next = gate.TryEnterAsync(Token).AsTask();
        var ended = gate.EndAsync(Token);
        Assert.Equal((false, false), (next.IsCompleted, ended.IsCompleted));
        invoking.SetResult();

        Assert.True(await next);
        await ended;
    }

    [Fact]
    public async Task LeaveAfter_InvocationFails_FreesThePlaceAllTheSame()
    {
        await using var gate = new RequestGate(concurrent: 1, outstanding: 2);
        Assert.True(await gate.TryEnterAsync(Token));
        var invoking = new TaskCompletionSource();

        gate.LeaveAfter(invoking.Task);
        var next = gate.TryEnterAsync(Token).AsTask();
        invoking.SetException(new IOException("gone"));

        Assert.True(await next);
    }

    [Fact]
    public async Task TryEnter_WithoutBounds_NeverWaits()
    {
        await using var gate = new RequestGate(-1, -1);
        for (var i = 0; i < 10_000; i++) Assert.True(await gate.TryEnterAsync(Token));
    }
}
