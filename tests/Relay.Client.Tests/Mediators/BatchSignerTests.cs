using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Client.Tests.Mediators;

public sealed class BatchSignerTests : IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(50);

    private readonly ManualTimeProvider _time = new();
    private readonly MediatorKeyFake _key = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task SignAsync_Alone_IsSignedAtOnceAndSingly()
    {
        await using var batches = Open();
        foreach (var head in MediatorKeyFake.HeadsToSign(3))
        {
            var signed = await TestDeadline.Within(batches.SignAsync(head, Cancel));
            Assert.Equal(JwsAlgorithm.ES256, Assert.Single(signed.Signatures).Algorithm);
            _key.AssertSigned(signed, head);
            _time.Advance(Wait);
        }
        Assert.Equal(3, _key.Calls);
    }

    [Fact]
    public async Task SignAsync_MoreWithinTheWait_AreOneCallAtItsEnd()
    {
        await using var batches = Open();
        var heads = MediatorKeyFake.HeadsToSign(101);
        var first = batches.SignAsync(heads[0], Cancel);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        var others = heads.Skip(1).Select(head => batches.SignAsync(head, Cancel)).ToList();
        _time.Advance(TimeSpan.FromMilliseconds(29));
        await TestDeadline.Within(first);
        Assert.DoesNotContain(others, task => task.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var signed = await TestDeadline.Within(Task.WhenAll(others));
        Assert.Equal(2, _key.Calls);
        for (var i = 0; i < signed.Length; i++)
        {
            _key.AssertSigned(signed[i], heads[i + 1]);
            Assert.Equal(JwsAlgorithm.MTES256, signed[i].Signatures[0].Algorithm);
        }
    }

    [Fact]
    public async Task SignAsync_OneMoreWithinTheWait_IsSignedSinglyAtItsEnd()
    {
        await using var batches = Open();
        var heads = MediatorKeyFake.HeadsToSign(2);
        await TestDeadline.Within(batches.SignAsync(heads[0], Cancel));
        var second = batches.SignAsync(heads[1], Cancel);
        Assert.False(second.IsCompleted);
        _time.Advance(Wait);
        Assert.Equal(JwsAlgorithm.ES256, (await TestDeadline.Within(second)).Signatures[0].Algorithm);
    }

    [Fact]
    public async Task SignAsync_FullBatch_DoesNotWait()
    {
        await using var batches = Open(new() { MaxHeads = 8 });
        var all = MediatorKeyFake.HeadsToSign(17).Select(head => batches.SignAsync(head, Cancel));
        var signed = await TestDeadline.Within(Task.WhenAll(all));
        Assert.Equal([1, 8, 8], signed.Select(TreeSize).GroupBy(size => size).SelectMany(
            group => Enumerable.Repeat(group.Key, group.Count() / group.Key)).Order());
        Assert.Equal(3, _key.Calls);
    }

    [Fact]
    public async Task SignAsync_HeadThatOthersSigned_KeepsTheirs()
    {
        await using var batches = Open();
        using var other = new MediatorKeyFake("swiss");
        var head = MediatorKeyFake.HeadsToSign(1)[0];
        var before = await SignedHead.SignAsync(head, other, Cancel);
        var signed = await TestDeadline.Within(batches.SignAsync(before, Cancel));
        Assert.Equal(["mediator-swiss", "mediator-qatar"], signed.Signatures.Select(signature => signature.Key.Name));
    }

    [Fact]
    public async Task SignAsync_OneWaiterCancels_OthersAreSignedWithoutIt()
    {
        await using var batches = Open();
        var heads = MediatorKeyFake.HeadsToSign(4);
        await TestDeadline.Within(batches.SignAsync(heads[0], Cancel));
        using var source = new CancellationTokenSource();
        var (one, two, three) = (
            batches.SignAsync(heads[1], Cancel), batches.SignAsync(heads[2], source.Token), batches.SignAsync(heads[3], Cancel));
        await source.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(two));
        Assert.Equal(source.Token, cancelled.CancellationToken);
        _time.Advance(Wait);
        Assert.Equal([2, 2], (await TestDeadline.Within(Task.WhenAll(one, three))).Select(TreeSize));
    }

    [Fact]
    public async Task SignAsync_AllWaitersCancel_KeyIsNotCalled()
    {
        await using var batches = Open();
        var heads = MediatorKeyFake.HeadsToSign(4);
        await TestDeadline.Within(batches.SignAsync(heads[0], Cancel));
        using var source = new CancellationTokenSource();
        var waiting = heads.Skip(1).Select(head => batches.SignAsync(head, source.Token)).ToList();
        await source.CancelAsync();
        foreach (var task in waiting) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(task));
        _time.Advance(Wait);
        await batches.DisposeAsync();
        Assert.Equal(1, _key.Calls);
    }

    [Fact]
    public async Task SignAsync_WaiterCancelsDuringTheCall_OthersGetTheirs()
    {
        await using var batches = Open();
        var heads = MediatorKeyFake.HeadsToSign(3);
        await TestDeadline.Within(batches.SignAsync(heads[0], Cancel));
        var release = _key.Hold();
        using var source = new CancellationTokenSource();
        var (one, two) = (batches.SignAsync(heads[1], source.Token), batches.SignAsync(heads[2], Cancel));
        _time.Advance(Wait);
        await TestDeadline.Within(_key.Entered);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(one));
        release.SetResult();
        _key.AssertSigned(await TestDeadline.Within(two), heads[2]);
    }

    [Fact]
    public async Task SignAsync_KeyFails_EveryWaiterIsToldAndTheNextBatchIsSigned()
    {
        await using var batches = Open();
        var heads = MediatorKeyFake.HeadsToSign(7);
        await TestDeadline.Within(batches.SignAsync(heads[0], Cancel));
        _key.Failure = new InvalidOperationException("throttled");
        var waiting = heads.Skip(1).Take(5).Select(head => batches.SignAsync(head, Cancel)).ToList();
        _time.Advance(Wait);
        foreach (var task in waiting)
        {
            var exception = await Assert.ThrowsAsync<SigningFailedException>(() => TestDeadline.Within(task));
            Assert.Equal((MediatorKeyFake.IdOf("qatar"), 5), (exception.KeyId, exception.Heads));
            Assert.Same(_key.Failure, exception.InnerException);
            Assert.Contains("throttled", exception.Message, StringComparison.Ordinal);
        }
        _key.Failure = null;
        _time.Advance(Wait);
        _key.AssertSigned(await TestDeadline.Within(batches.SignAsync(heads[6], Cancel)), heads[6]);
    }

    [Fact]
    public async Task SignAsync_KeyDoesNotAnswer_FailsAfterTheTimeoutAndHoldsNobodyElseUp()
    {
        await using var batches = Open(new() { CallTimeout = TimeSpan.FromSeconds(5) });
        var heads = MediatorKeyFake.HeadsToSign(2);
        _key.Hold();
        var stuck = batches.SignAsync(heads[0], Cancel);
        await TestDeadline.Within(_key.Entered);
        _key.Release();
        _time.Advance(Wait);
        _key.AssertSigned(await TestDeadline.Within(batches.SignAsync(heads[1], Cancel)), heads[1]);
        Assert.False(stuck.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        var exception = await Assert.ThrowsAsync<SigningFailedException>(() => TestDeadline.Within(stuck));
        Assert.IsAssignableFrom<OperationCanceledException>(exception.InnerException);
    }

    [Fact]
    public async Task SignAsync_MorePendingThanAllowed_WaitsForRoom()
    {
        await using var batches = Open(new() { MaxHeads = 2, MaxPending = 4, CallTimeout = TimeSpan.FromDays(9) });
        var heads = MediatorKeyFake.HeadsToSign(6);
        var release = _key.Hold();
        var taken = heads.Take(4).Select(head => batches.SignAsync(head, Cancel)).ToList();
        using var source = new CancellationTokenSource();
        var givesUp = batches.SignAsync(heads[4], source.Token);
        var last = batches.SignAsync(heads[5], Cancel);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(givesUp));
        Assert.False(last.IsCompleted);
        _key.Release();
        release.SetResult();
        // One waits for the others of its batch still; only when it has gone there is room for what is last.
        await AdvanceUntilAsync(Task.WhenAll([.. taken, last]));
        _key.AssertSigned(await last, heads[5]);
    }

    [Fact]
    public async Task DisposeAsync_WithSomeWaiting_SignsThemAndTakesNoMore()
    {
        var batches = Open();
        var heads = MediatorKeyFake.HeadsToSign(4);
        await TestDeadline.Within(batches.SignAsync(heads[0], Cancel));
        var waiting = heads.Skip(1).Take(2).Select(head => batches.SignAsync(head, Cancel)).ToList();
        await TestDeadline.Within(batches.DisposeAsync().AsTask());
        Assert.All(await TestDeadline.Within(Task.WhenAll(waiting)), signed => Assert.Equal(2, TreeSize(signed)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batches.SignAsync(heads[3], Cancel));
        await batches.DisposeAsync();
    }

    [Fact]
    public async Task SignAsync_FromManyThreads_SignsEachOnce()
    {
        await using var batches = Open(new() { MaxHeads = 16, CallTimeout = TimeSpan.FromDays(9) });
        var heads = MediatorKeyFake.HeadsToSign(400);
        var workers = Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = worker; i < heads.Count; i += 8) _key.AssertSigned(await batches.SignAsync(heads[i], Cancel), heads[i]);
        })).ToList();
        await AdvanceUntilAsync(Task.WhenAll(workers));
        Assert.InRange(_key.Calls, heads.Count / 16, heads.Count);
    }

    [Fact]
    public void Constructor_KeyOrOptionThatDoesNotFit_IsRefused()
    {
        using var p384 = PrivateJwk.Generate(JwkKind.P384, MediatorKeyFake.IdOf("qatar"));
        using var signer = new LocalSigner(p384);
        Assert.Throws<ArgumentException>(() => new BatchSigner(signer, new(), _time));
        BatchSigningOptions[] wrong =
        [
            new() { MaxHeads = 0 }, new() { MaxHeads = 4097 }, new() { MaxWait = TimeSpan.Zero },
            new() { MaxWait = TimeSpan.FromMilliseconds(51) }, new() { MaxHeads = 10, MaxPending = 9 },
            new() { CallTimeout = TimeSpan.Zero },
        ];
        foreach (var options in wrong) Assert.Throws<ArgumentException>(() => new BatchSigner(_key, options, _time));
    }

    private static int TreeSize(SignedHead signed) =>
        signed.Signatures[^1].Algorithm == JwsAlgorithm.ES256
            ? 1
            : BatchSignature.TryRead(signed.Signatures[^1].Value.Span, out var read) ? read.TreeSize : -1;

    private BatchSigner Open(BatchSigningOptions? options = null) => new(_key, options ?? new(), _time);

    private async Task AdvanceUntilAsync(Task done)
    {
        while (!done.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
            Cancel.ThrowIfCancellationRequested();
        }
        await done;
    }
}
