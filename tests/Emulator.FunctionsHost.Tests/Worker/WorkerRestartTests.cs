using System.Net;
using Emulator.FunctionsHost.Protocol;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Worker;

/// <summary>A worker that ends unasked is followed by another.</summary>
public sealed class WorkerRestartTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedWorkers _workers = new(Listed.Http("One"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_DiesYoungAgainAndAgain_IsStartedAfterPausesThatGrowToTheLongest()
    {
        await using var host = await Test().StartAsync();

        foreach (var (number, pause) in new[] { (1, 250), (2, 500), (3, 1_000), (4, 2_000), (5, 2_000) })
        {
            (await _workers.WorkerAsync(number)).Exit(1);
            await AwaitPauseAsync(pause);
            _time.Advance(TimeSpan.FromMilliseconds(pause - 1));
            Assert.Equal(number, _workers.Started.Count);
            Assert.Null(host.WorkerProcessId);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await TestDeadline.Until(() => host.WorkerProcessId == number + 1, $"worker {number + 1} runs");
        }
    }

    [Fact]
    public async Task Worker_DiesGrownUp_IsFollowedAtOnceAndThePausesBeginAnew()
    {
        await using var host = await Test().StartAsync();
        (await _workers.WorkerAsync(1)).Exit(1);
        await AwaitPauseAsync(250);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await TestDeadline.Until(() => host.WorkerProcessId == 2, "worker 2 runs");

        _time.Advance(TimeSpan.FromSeconds(10));
        (await _workers.WorkerAsync(2)).Exit(1);
        await TestDeadline.Until(() => host.WorkerProcessId == 3, "worker 3 runs, with the clock standing still");

        (await _workers.WorkerAsync(3)).Exit(1);
        await AwaitPauseAsync(250);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal(3, _workers.Started.Count);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await TestDeadline.Until(() => host.WorkerProcessId == 4, "worker 4 runs");
    }

    // What the platform's host only notes, nobody having asked for it, would leave this one without a worker for ever.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(200)]
    public async Task Worker_EndsUnaskedWithAnyCode_IsFollowed(int code)
    {
        var test = Test();
        await using var host = await test.StartAsync();
        _time.Advance(TimeSpan.FromSeconds(10));

        (await _workers.WorkerAsync(1)).Exit(code, "last words");

        await TestDeadline.Until(() => host.WorkerProcessId == 2, "worker 2 runs");
        await test.SeenAsync("Worker 1 ended: ");
    }

    [Fact]
    public async Task Worker_DoesNotStartAgain_IsTriedMoreSlowlyUntilItDoes()
    {
        var test = Test();
        await using var host = await test.StartAsync();
        _workers.Script = (worker, message) => Task.FromResult(worker.Id < 4 ? null : worker.Usual(message));
        _time.Advance(TimeSpan.FromSeconds(10));
        (await _workers.WorkerAsync(1)).Exit(1);

        foreach (var number in new[] { 2, 3 })
        {
            (await _workers.WorkerAsync(number)).Exit(1, "not yet");
            await TestDeadline.Until(() => test.CountOf("The worker did not start") == number - 1, $"worker {number} is given up");
            var pause = number == 2 ? 250 : 500;
            await AwaitPauseAsync(pause);
            _time.Advance(TimeSpan.FromMilliseconds(pause));
        }

        await TestDeadline.Until(() => host.WorkerProcessId == 4, "worker 4 runs");
        Assert.Contains(test.Logs.Entries, entry => entry.Message.Contains("not yet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Http_WhileNoWorkerRuns_Is503WithRetryAfterAndThenGoesOn()
    {
        // The genuine worker, killed; the clock that its pause is measured by stands still.
        var test = new TestHost { Time = _time };
        await using var host = await test.StartAsync("Process", "Echo");
        using var client = new HttpClient { BaseAddress = new Uri(host.HttpAddress, "api/") };
        Assert.Equal($"{host.WorkerProcessId}", await AskAsync(client));
        using (var worker = System.Diagnostics.Process.GetProcessById(host.WorkerProcessId!.Value)) worker.Kill();
        await AwaitPauseAsync(250);

        using (var refused = await client.GetAsync(new Uri("echo/a", UriKind.Relative), Cancel))
        {
            Assert.Equal(
                (HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        }

        _time.Advance(TimeSpan.FromMilliseconds(250));
        await TestDeadline.Until(() => host.WorkerProcessId is not null, "the next worker runs");
        Assert.Equal($"{host.WorkerProcessId}", await AskAsync(client));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Http_WorkerEndsInTheFunction_Is503WithRetryAfter(int code)
    {
        var test = new TestHost();
        await using var host = await test.StartAsync("Exit", "Process");
        var first = host.WorkerProcessId;
        using var client = new HttpClient { BaseAddress = new Uri(host.HttpAddress, "api/") };

        using var lost = await client.GetAsync(new Uri($"exit?code={code}", UriKind.Relative), Cancel);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(2)), (lost.StatusCode, lost.Headers.RetryAfter?.Delta));
        await TestDeadline.Until(() => host.WorkerProcessId is { } id && id != first, "the next worker runs");
    }

    [Fact]
    public async Task Stop_WhileAWorkerIsStarted_Ends()
    {
        var host = await Test().StartAsync();
        _workers.Script = (_, _) => Task.FromResult<StreamingMessage?>(null);
        _time.Advance(TimeSpan.FromSeconds(10));
        (await _workers.WorkerAsync(1)).Exit(1);
        var second = await _workers.WorkerAsync(2);

        await TestDeadline.Within(host.DisposeAsync().AsTask());

        await TestDeadline.Within(second.Exited);
    }

    private TestHost Test() => new() { Workers = _workers, Time = _time, LongestRestartDelay = TimeSpan.FromSeconds(2) };

    // A worker's HTTP listener may be late: that wait is by the clock that stands still, too.
    private async Task<string> AskAsync(HttpClient client)
    {
        var answer = client.GetStringAsync(new Uri("process", UriKind.Relative), Cancel);
        await TestDeadline.Until(() => Advanced(answer), "an answer");
        return await answer;
    }

    private bool Advanced(Task answer)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return answer.IsCompleted;
    }

    // This one pause: other things that the host times may be armed already.
    private Task AwaitPauseAsync(int milliseconds) =>
        TestDeadline.Until(() => _time.IsArmed(TimeSpan.FromMilliseconds(milliseconds)), $"the pause of {milliseconds} ms has begun");
}
