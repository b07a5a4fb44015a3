using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Core.Directory;
using Relay.Core.Health;
using Relay.Protocol.Envelopes;
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
    public void Circuit_OfEachDependency_SaysWhetherItIsDown()
    {
        var circuit = new DependencyCircuit(new ManualTimeProvider());
        foreach (var dependency in Enum.GetValues<Dependency>())
        {
            circuit.Note(dependency, false);
            Assert.False(circuit.IsDown(dependency));
            circuit.Note(dependency, false);
            Assert.Equal(Enum.GetValues<Dependency>().Where(circuit.IsDown), [dependency]);
            circuit.Note(dependency, true);
            Assert.False(circuit.IsDown(dependency));
        }
    }

    [Theory]
    [InlineData(DirectoryReadStatus.NotFound, true)]
    [InlineData(DirectoryReadStatus.Unavailable, false)]
    public async Task DirectoryProbe_OfASource_AsksForNoDocumentThatThereIs(DirectoryReadStatus status, bool works)
    {
        var asked = new List<(string Name, string? Version)>();
        var source = new FakeDirectorySource
        {
            Answer = (name, version) =>
            {
                asked.Add((name, version));
                return new(status, default, null);
            },
        };
        var probe = new DirectoryProbe(() => source);
        Assert.Equal(
            (Dependency.Directory, works), (probe.Dependency, await probe.ProbeAsync(TestContext.Current.CancellationToken)));
        var (asksFor, known) = Assert.Single(asked);
        Assert.Equal((false, null), (RelayName.IsValid(asksFor), known));
        Assert.Equal(0, source.Listings);
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
        using var meters = new FakeMeterFactory();
        using var gauge = new DownGauge();
        var watch = new DependencyWatch(
            [vault, bus], circuit, Options.Create(new HealthOptions()), time, meters, NullLogger<DependencyWatch>.Instance);
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
        Assert.Equal("bus 1, directory 0, ledger 0, vault 1", gauge.Read());
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

    // relay.dependency.down as an exporter reads it.
    private sealed class DownGauge : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly SortedDictionary<string, int> _seen = new(StringComparer.Ordinal);

        public DownGauge()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "relay.dependency.down") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<int>((_, value, tags, _) => _seen[(string)tags[0].Value!] = value);
            _listener.Start();
        }

        public string Read()
        {
            _listener.RecordObservableInstruments();
            return string.Join(", ", _seen.Select(pair => $"{pair.Key} {pair.Value}"));
        }

        public void Dispose() => _listener.Dispose();
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
