using System.Threading.Channels;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Relay.Testing;

namespace Emulator.Functions.Tests.Triggers.Timer;

public sealed class TimerTriggerTests
{
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 10, TimeSpan.Zero));
    private readonly Runs _runs = new();

    [Fact]
    public async Task Schedule_ClockReachesIt_RunsWithItsTimes()
    {
        await using var host = await Test().StartAsync(typeof(EveryMinute));
        await ArmedAsync();

        _time.Advance(TimeSpan.FromSeconds(49));
        Assert.False(_runs.Seen.Reader.TryPeek(out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        var first = await NextAsync();
        await ArmedAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        var second = await NextAsync();

        Assert.Equal(new DateTime(2026, 1, 1, 12, 2, 0, DateTimeKind.Utc), first.ScheduleStatus!.Next);
        Assert.Equal(DateTimeKind.Utc, first.ScheduleStatus.Next.Kind);
        Assert.Equal(default, first.ScheduleStatus.Last);
        Assert.Equal(new DateTime(2026, 1, 1, 12, 1, 0, DateTimeKind.Utc), second.ScheduleStatus!.Last);
        Assert.Equal(new DateTime(2026, 1, 1, 12, 2, 0, DateTimeKind.Utc), second.ScheduleStatus.LastUpdated);
        Assert.False(second.IsPastDue);
    }

    [Fact]
    public async Task RunOnStartup_HostStarts_RunsAtOnceAndWithoutMonitorHasNoStatus()
    {
        await using var host = await Test().StartAsync(typeof(AtStart));

        Assert.Null((await NextAsync()).ScheduleStatus);
    }

    [Fact]
    public async Task Schedule_FunctionThrows_RunsAgain()
    {
        _runs.Fail = true;
        await using var host = await Test().StartAsync(typeof(EveryMinute));
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
        _runs.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await Test().StartAsync(typeof(EveryMinute));
        await ArmedAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        await NextAsync();

        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, _runs.Started);
        _runs.Hold.SetResult();
        await ArmedAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        var second = await NextAsync();

        // 12:01 ran until 12:06:10; the runs in between are skipped, not caught up with.
        Assert.Equal(new DateTime(2026, 1, 1, 12, 7, 0, DateTimeKind.Utc), second.ScheduleStatus!.LastUpdated);
        Assert.Equal(2, _runs.Started);
    }

    [Fact]
    public async Task Stop_TimerWaits_EndsIt()
    {
        var host = await Test().StartAsync(typeof(EveryMinute));
        await ArmedAsync();

        await TestDeadline.Within(host.DisposeAsync().AsTask());
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(0, _runs.Started);
    }

    private TestHost Test() => new() { Time = _time, Services = services => services.AddSingleton(_runs), HostJson = """{ "version": "2.0", "functionTimeout": "-1" }""" };

    private Task ArmedAsync() => TestDeadline.Until(() => _time.ArmedTimers > 0, "the timer is armed");

    private Task<TimerInfo> NextAsync() => TestDeadline.Within(_runs.Seen.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());

    public sealed class Runs
    {
        private int _started;

        public Channel<TimerInfo> Seen { get; } = Channel.CreateUnbounded<TimerInfo>();

        public int Started => Volatile.Read(ref _started);

        public bool Fail { get; set; }

        public TaskCompletionSource? Hold { get; set; }

        public async Task AddAsync(TimerInfo timer)
        {
            Interlocked.Increment(ref _started);
            Seen.Writer.TryWrite(timer);
            await (Hold?.Task ?? Task.CompletedTask);
            if (Fail)
            {
                throw new InvalidTimeZoneException();
            }
        }
    }

    public sealed class EveryMinute(Runs runs)
    {
        [Function("EveryMinute")]
        public Task Run([TimerTrigger("0 * * * * *")] TimerInfo timer) => runs.AddAsync(timer);
    }

    public sealed class AtStart(Runs runs)
    {
        [Function("AtStart")]
        public Task Run([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true, UseMonitor = false)] TimerInfo timer) => runs.AddAsync(timer);
    }
}
