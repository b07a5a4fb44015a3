using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Core.Health;
using Relay.Testing;

namespace Relay.Core.Tests.Health;

public sealed class DependencyWatchTests
{
    [Fact]
    public void Note_OneFailure_IsNoOutageAndTwoAre()
    {
        var circuit = new DependencyCircuit(new ManualTimeProvider());
        Assert.False(circuit.Note(Dependency.Vault, false));
        Assert.False(circuit.Note(Dependency.Vault, true));
        Assert.False(circuit.Note(Dependency.Vault, false));
        Assert.False(circuit.Note(Dependency.Bus, false));
        Assert.Null(circuit.Check());
        Assert.True(circuit.Note(Dependency.Vault, false));
        Assert.False(circuit.Note(Dependency.Vault, false));
        Assert.Equal([Dependency.Vault], circuit.Down.Select(down => down.Dependency));
        Assert.Contains("vault down", circuit.Check()!.Description, StringComparison.Ordinal);
        Assert.True(circuit.Note(Dependency.Vault, true));
        Assert.Null(circuit.Check());
    }

    [Fact]
    public void Schedule_AProcessThatStoodStill_BlamesNobody()
    {
        var timeout = TimeSpan.FromMilliseconds(400);
        Assert.False(ProbeSchedule.JudgeLate(timeout, timeout));
        Assert.Null(ProbeSchedule.JudgeLate(TimeSpan.FromSeconds(5), timeout));
    }

    // Each probe answers as its script says, the last one for good; the clock goes on until the circuit has seen it.
    [Fact]
    public async Task Run_ProbesThatFailHangAndComeBack_AreSeen()
    {
        var time = new ManualTimeProvider();
        var circuit = new DependencyCircuit(time);
        var vault = new ScriptedProbe(Dependency.Vault);
        var bus = new ScriptedProbe(Dependency.Bus);
        var watch = new DependencyWatch(
            [vault, bus], circuit, Options.Create(new HealthOptions()), time, NullLogger<DependencyWatch>.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = watch.RunAsync(stop.Token);
        await WaitAsync(time, () => vault.Calls > 2 && bus.Calls > 2);
        Assert.Null(circuit.Check());
        vault.Answer = false;
        await WaitAsync(time, () => circuit.Down.Length == 1);
        // What no probe expects is a failure like others, and the watch goes on.
        vault.Throws = true;
        var calls = vault.Calls;
        await WaitAsync(time, () => vault.Calls > calls + 2);
        Assert.False(run.IsCompleted, "The watch ended.");
        Assert.Single(circuit.Down);
        vault.Throws = false;
        // Hangs until its deadline.
        bus.Answer = null;
        await WaitAsync(time, () => circuit.Down.Length == 2);
        vault.Answer = true;
        await WaitAsync(time, () => circuit.Down.Length == 1);
        bus.Answer = true;
        await WaitAsync(time, () => circuit.Down.IsEmpty);
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private static async Task WaitAsync(ManualTimeProvider time, Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, "The condition never came.");
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private sealed class ScriptedProbe(Dependency dependency) : IDependencyProbe
    {
        private int _calls;
        private volatile object? _answer = true;
        private volatile bool _throws;

        public Dependency Dependency => dependency;

        public int Calls => Volatile.Read(ref _calls);

        /// <summary>Null to hang.</summary>
        public bool? Answer
        {
            set => _answer = value;
        }

        public bool Throws
        {
            set => _throws = value;
        }

        public async ValueTask<bool> ProbeAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            if (_throws) throw new InvalidDataException("a folder that is a file");
            if (_answer is bool works) return works;
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return true;
        }
    }
}
