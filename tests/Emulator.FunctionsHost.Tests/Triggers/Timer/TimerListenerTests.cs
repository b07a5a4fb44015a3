using System.Text.Json;
using System.Threading.Channels;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Tests.Worker;
using Google.Protobuf.WellKnownTypes;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Triggers.Timer;

/// <summary>When timer functions run, and what they are told, by a clock that stands still.</summary>
public sealed class TimerListenerTests
{
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 10, TimeSpan.Zero));
    private readonly Channel<InvocationRequest> _runs = Channel.CreateUnbounded<InvocationRequest>();

    [Fact]
    public async Task Schedule_ClockReachesIt_RunsWithItsTimes()
    {
        await using var host = await StartAsync(Listed.Timer("EveryMinute", "0 * * * * *"));
        await ArmedAsync();

        _time.Advance(TimeSpan.FromSeconds(49));
        Assert.False(_runs.Reader.TryPeek(out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        var first = Told(await NextAsync());
        await ArmedAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        var second = Told(await NextAsync());

        Assert.Equal(new DateTime(2026, 1, 1, 12, 2, 0, DateTimeKind.Utc), first.GetProperty("ScheduleStatus").GetProperty("Next").GetDateTime());
        Assert.Equal(default, first.GetProperty("ScheduleStatus").GetProperty("Last").GetDateTime());
        Assert.Equal(new DateTime(2026, 1, 1, 12, 1, 0, DateTimeKind.Utc), second.GetProperty("ScheduleStatus").GetProperty("Last").GetDateTime());
        Assert.Equal(new DateTime(2026, 1, 1, 12, 2, 0, DateTimeKind.Utc), second.GetProperty("ScheduleStatus").GetProperty("LastUpdated").GetDateTime());
        Assert.False(second.GetProperty("IsPastDue").GetBoolean());
    }

    [Fact]
    public async Task Invocation_OfATimer_HasATraceAndNoRetryContext()
    {
        await using var host = await StartAsync(Listed.Timer("AtStart", "0 0 0 1 1 *", ", 'runOnStartup': true"));

        var run = await NextAsync();

        // The genuine worker fails on an invocation without one.
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$", run.TraceContext.TraceParent);
        Assert.Null(run.RetryContext);
        Assert.Equal(("timer", "id of AtStart"), (Assert.Single(run.InputData).Name, run.FunctionId));
        Assert.True(Guid.TryParse(run.InvocationId, out _));
    }

    [Fact]
    public async Task RunOnStartup_WithoutMonitor_RunsAtOnceAndHasNoStatus()
    {
        await using var host = await StartAsync(Listed.Timer("AtStart", "0 0 0 1 1 *", ", 'runOnStartup': true, 'useMonitor': false"));

        Assert.Equal(JsonValueKind.Null, Told(await NextAsync()).GetProperty("ScheduleStatus").ValueKind);
    }

    [Fact]
    public async Task Schedule_FunctionFails_RunsAgain()
    {
        await using var host = await StartAsync((worker, invocation) => worker.FailAsync(invocation, new RpcException()), Listed.Timer("EveryMinute", "0 * * * * *"));
        for (var run = 0; run < 3; run++)
        {
            await ArmedAsync();
            _time.Advance(TimeSpan.FromMinutes(1));
            await NextAsync();
        }
    }

    [Fact]
    public async Task Schedule_FunctionRunsLongerThanItsInterval_DoesNotOverlap()
    {
        await using var host = await StartAsync((_, _) => Task.CompletedTask, Listed.Timer("EveryMinute", "0 * * * * *"));
        await ArmedAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        var first = await NextAsync();

        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(_runs.Reader.TryPeek(out _));
        await Worker!.SucceedAsync(first);
        await ArmedAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        var second = await NextAsync();

        // 12:01 ran until 12:06:10; the runs in between are skipped, not caught up with.
        Assert.Equal(new DateTime(2026, 1, 1, 12, 7, 0, DateTimeKind.Utc), Told(second).GetProperty("ScheduleStatus").GetProperty("LastUpdated").GetDateTime());
        await Worker.SucceedAsync(second);
    }

    [Fact]
    public async Task Retry_FunctionFails_IsANewInvocationWithTheReasonAfterTheDelay()
    {
        var function = Listed.Timer("Retried", "0 0 0 1 1 *", ", 'runOnStartup': true");
        function.RetryOptions = new RpcRetryOptions
        {
            MaxRetryCount = 1,
            RetryStrategy = RpcRetryOptions.Types.RetryStrategy.FixedDelay,
            DelayInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
        };
        await using var host = await StartAsync(
            (worker, invocation) => worker.FailAsync(invocation, new RpcException { Message = "the reason" }), function);
        var first = await NextAsync();
        await ArmedAsync();

        _time.Advance(TimeSpan.FromMilliseconds(4_999));
        Assert.False(_runs.Reader.TryPeek(out _));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var second = await NextAsync();

        Assert.NotEqual(first.InvocationId, second.InvocationId);
        Assert.Equal((1, 1, "the reason"), (second.RetryContext.RetryCount, second.RetryContext.MaxRetryCount, second.RetryContext.Exception.Message));
    }

    [Fact]
    public async Task Stop_TimerWaits_EndsIt()
    {
        var host = await StartAsync(Listed.Timer("EveryMinute", "0 * * * * *"));
        await ArmedAsync();

        await TestDeadline.Within(host.DisposeAsync().AsTask());
        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(_runs.Reader.TryPeek(out _));
    }

    private ScriptedWorker? Worker { get; set; }

    private static JsonElement Told(InvocationRequest run) => JsonSerializer.Deserialize<JsonElement>(run.InputData[0].Data.Json);

    private Task<FunctionsHost> StartAsync(params RpcFunctionMetadata[] functions) =>
        StartAsync((worker, invocation) => worker.SucceedAsync(invocation), functions);

    private Task<FunctionsHost> StartAsync(Func<ScriptedWorker, InvocationRequest, Task> answer, params RpcFunctionMetadata[] functions)
    {
        var workers = new ScriptedWorkers(functions);
        workers.OnInvocation(async (worker, invocation) =>
        {
            Worker = worker;
            _runs.Writer.TryWrite(invocation);
            await answer(worker, invocation);
            return null;
        });

        // Without a limit there are no timers but the function's own.
        return new TestHost { Workers = workers, Time = _time, DrainTimeout = TimeSpan.Zero }.With("AzureFunctionsJobHost__functionTimeout", "-1").StartAsync();
    }

    private Task ArmedAsync() => TestDeadline.Until(() => _time.ArmedTimers > 0, "the timer is armed");

    private Task<InvocationRequest> NextAsync() => TestDeadline.Within(
        _runs.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());
}
