using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Benchmarks.Ledger;
using Relay.Benchmarks.Shapes;
using Relay.Core;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;
using Relay.Core.Statistics;
using Relay.Core.Verification;
using Relay.Functions.Live;
using Relay.Functions.Reading;
using Relay.Protocol.Envelopes;

namespace Relay.Benchmarks.Viewers;

/// <summary>
/// A worker's pipeline and its counts over ports in this process, with viewers of live stats or without: each of its own negotiation, and
/// one of all. What a viewer is told is written to nowhere.
/// </summary>
internal sealed class ViewersBench : IAsyncDisposable
{
    /// <summary>As <c>host.json</c> has it.</summary>
    private const int MostAtOnce = 128;

    // Of the order in which negotiations get their envelopes; the figures are of no one order.
    private const int Seed = 15;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ServiceProvider _services;
    private readonly ShapeSenders _senders;
    private readonly BenchVault _vault = new();
    private readonly Random _random = new(Seed);
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _saving;

    public ViewersBench(int negotiations, int viewers, int bytes, TimeProvider time)
    {
        _time = time;
        _senders = new ShapeSenders(negotiations, 1, bytes, 1, time);
        var directory = new ShapeDirectory(_senders);
        _services = new ServiceCollection()
            .AddLogging(static logging => logging.SetMinimumLevel(LogLevel.None))
            .AddSingleton<IDirectoryDocumentSource>(directory)
            .AddSingleton<IPublicKeySource>(directory)
            .AddSingleton<IEnvelopeForwarder>(new ShapeBus(time))
            .AddSingleton<ILedgerStore, BenchLedgerStore>()
            .AddSingleton<ICheckpointCertifier>(_vault)
            .AddSingleton<ILedgerSignals>(new NoSignals())
            .AddSingleton<StatsReader>()
            .AddSingleton<LiveFeeds>()
            .Configure<LiveOptions>(options => options.MaxViewers = viewers)
            .AddRelayCore(new ConfigurationBuilder().Build())
            .BuildServiceProvider();
        _saving = SaveAsync(_stopping.Token);
    }

    /// <summary>Events that viewers were told.</summary>
    public long Told { get; private set; }

    /// <summary>Bytes of them.</summary>
    public long Written { get; private set; }

    /// <summary>Makes the next envelope of every negotiation, in no order, which is not to be measured.</summary>
    public async Task<byte[][]> NextAsync(CancellationToken cancellationToken)
    {
        byte[][] wires = [.. (await _senders.NextAsync(1, cancellationToken)).Select(static stream => stream[0])];
        _random.Shuffle(wires);
        return wires;
    }

    /// <summary>Has envelopes relayed and counted.</summary>
    /// <exception cref="InvalidOperationException">One was not forwarded: nothing measured would mean anything.</exception>
    public async Task<(TimeSpan Took, TimeSpan Processor)> RelayAsync(IReadOnlyList<byte[]> wires, CancellationToken cancellationToken)
    {
        var pipeline = _services.GetRequiredService<RelayPipeline>();
        var tallies = _services.GetRequiredService<WorkerTallies>();
        var (started, processor) = (_time.GetTimestamp(), ProcessorTime());
        foreach (var batch in wires.Chunk(MostAtOnce))
        {
            List<Task> under;
            using (var gathering = new CommitGathering()) under = [.. batch.Select(wire => OneAsync(wire, gathering))];
            await Task.WhenAll(under);
        }

        return (_time.GetElapsedTime(started), ProcessorTime() - processor);

        async Task OneAsync(byte[] wire, CommitGathering gathering)
        {
            var began = _time.GetTimestamp();
            var ruling = await pipeline.RelayAsync(wire, null, Patience, gathering, cancellationToken);
            if (ruling.Verdict != Verdict.Forwarded) throw new InvalidOperationException($"expected {ruling.Id} forwarded: {ruling}");
            tallies.Ruled(ruling, Lane.Normal, _time.GetElapsedTime(began));
        }
    }

    /// <summary>Has envelopes relayed at a steady rate.</summary>
    /// <returns>Processor time of this process for each second of it.</returns>
    public async Task<double> RelaySteadilyAsync(IReadOnlyList<byte[]> wires, int perSecond, CancellationToken cancellationToken)
    {
        var (started, processor) = (_time.GetTimestamp(), ProcessorTime());
        var sent = 0;
        while (sent < wires.Count)
        {
            var due = Math.Min(wires.Count, 1 + (int)(_time.GetElapsedTime(started).TotalSeconds * perSecond));
            await RelayAsync([.. wires.Skip(sent).Take(due - sent)], cancellationToken);
            sent = due;
            await Task.Delay(Beat, _time, cancellationToken);
        }

        return (ProcessorTime() - processor) / _time.GetElapsedTime(started);
    }

    /// <summary>Processor time of this process while nothing is relayed.</summary>
    public async Task<TimeSpan> RestAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var processor = ProcessorTime();
        await Task.Delay(time, _time, cancellationToken);
        return ProcessorTime() - processor;
    }

    /// <summary>Has so many look until the result is disposed: one at all negotiations, the others each at one of its own.</summary>
    public async Task<IAsyncDisposable> LookAsync(int viewers, CancellationToken cancellationToken)
    {
        var feeds = _services.GetRequiredService<LiveFeeds>();
        var crowd = new Crowd(this);
        for (var i = 0; i < viewers; i++) crowd.Add(feeds.TryOpen(i == 0 ? null : _senders.Negotiations[i]));
        await crowd.AllHaveSeenAsync(cancellationToken);
        return crowd;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _saving;
        await _services.DisposeAsync();
        _stopping.Dispose();
        _senders.Dispose();
        _vault.Dispose();
    }

    private static TimeSpan ProcessorTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    // As the function app does.
    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(TallyStore.SaveEvery, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _services.GetRequiredService<TallyStore>().SaveAsync(CancellationToken.None);
        }
    }

    private sealed class Crowd(ViewersBench bench) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _gone = new();
        private readonly List<LiveView> _views = [];
        private readonly List<Task> _first = [];
        private readonly List<Task> _looking = [];
        private readonly Lock _gate = new();

        public void Add(LiveView? view)
        {
            var one = view ?? throw new InvalidOperationException("expected room for every viewer");
            var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _views.Add(one);
            _first.Add(first.Task);
            _looking.Add(RunAsync(one, first));
        }

        public Task AllHaveSeenAsync(CancellationToken cancellationToken) => Task.WhenAll(_first).WaitAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await _gone.CancelAsync();
            await Task.WhenAll(_looking);
            _views.ForEach(view => view.Dispose());
            _gone.Dispose();
        }

        private async Task RunAsync(LiveView view, TaskCompletionSource first)
        {
            string? last = null;
            try
            {
                while (true)
                {
                    var next = await view.NextAsync(last, _gone.Token);
                    await Stream.Null.WriteAsync(next.Frame, _gone.Token);
                    last = next.Id;
                    first.TrySetResult();
                    lock (_gate)
                    {
                        bench.Told++;
                        bench.Written += next.Frame.Length;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // It has looked long enough.
            }
        }
    }
}
