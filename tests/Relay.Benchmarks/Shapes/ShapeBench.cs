using Relay.Azure.Ledger;
using Relay.Benchmarks.Ledger;
using Relay.Cli;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Benchmarks.Shapes;

/// <summary>The pipeline over ports in this process, with a backlog of a given shape, or the same envelopes at a steady rate.</summary>
/// <param name="bytes">Of content in each envelope.</param>
/// <param name="batch">Heads that the mediator signs at once; 1 for one at a time.</param>
/// <param name="perSecond">The steady rate; 0 for a backlog.</param>
/// <param name="patience">After which a shape is given up: the figures are then of what was done by then.</param>
/// <param name="afterwards">How long calls are counted after the last envelope, because commits leave some of their work to later.</param>
internal sealed class ShapeBench(int bytes, int batch, int perSecond, TimeSpan patience, TimeSpan afterwards, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private TimeSpan _longestPause;
    private int _collected;

    /// <param name="shape">What to measure.</param>
    /// <param name="seed">Of the shuffle.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<ShapeResult> RunAsync(Shape shape, int seed, CancellationToken cancellationToken)
    {
        var folder = shape.Store == ShapeStore.Folder ? Directory.CreateTempSubdirectory("relay-bench-shape-").FullName : null;
        try
        {
            var memory = new BenchLedgerStore();
            Func<ILedgerStore> open = folder is null ? () => memory : () => LedgerStores.OpenFolder(folder, time);
            return await RunAsync(shape, seed, open, () => folder is null ? memory.TotalBytes : BytesIn(folder), cancellationToken);
        }
        finally
        {
            if (folder is not null) Directory.Delete(folder, recursive: true);
        }
    }

    private static long BytesIn(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);

    private async Task<ShapeResult> RunAsync(
        Shape shape, int seed, Func<ILedgerStore> open, Func<long> bytesKept, CancellationToken cancellationToken)
    {
        using var senders = new ShapeSenders(shape.Negotiations, shape.Senders, bytes, batch, time);
        using var vault = new BenchVault();
        var directory = new ShapeDirectory(senders);

        // One envelope each is all there is to measure: the ledgers' beginnings count. With more they do not.
        if (shape.OfEachStream > 1)
        {
            var beginnings = Shape.Arrange(await senders.NextAsync(1, cancellationToken), ShapeOrder.Ordered, new Random(seed));
            await ThroughAsync(new ShapeBus(time), [open()], beginnings, directory, vault, cancellationToken);
        }

        var backlog = Shape.Arrange(await senders.NextAsync(shape.OfEachStream, cancellationToken), shape.Order, new Random(seed));
        var bus = new ShapeBus(time);
        var stores = Enumerable.Range(0, shape.Workers).Select(_ => open()).ToList();
        var counters = stores.ConvertAll(static store => new CountingStore(store));
        var (callsBefore, keptBefore, costsBefore) = (vault.Calls, bytesKept(), ProcessCosts.Now);
        (_longestPause, _collected) = (TimeSpan.Zero, GC.CollectionCount(0));
        var (started, dueAt) = await ThroughAsync(bus, counters, backlog, directory, vault, cancellationToken);
        var costs = ProcessCosts.Now - costsBefore;
        var counts = counters.Aggregate(default(StoreCounts), static (sum, counter) => sum + counter.Counts);
        var syncs = stores.OfType<FolderLedgerStore>().Sum(static store => store.Syncs);
        return Sum(shape, bus, backlog.Count, started, dueAt) with
        {
            Store = counts,
            Syncs = syncs,
            Process = costs,
            LongestPause = _longestPause.TotalMilliseconds,
            VaultCalls = vault.Calls - callsBefore,
            BytesKept = bytesKept() - keptBefore,
        };
    }

    private async Task<(long Started, Dictionary<Digest, long> DueAt)> ThroughAsync(
        ShapeBus bus,
        IReadOnlyList<ILedgerStore> stores,
        List<byte[]> backlog,
        ShapeDirectory directory,
        BenchVault vault,
        CancellationToken cancellationToken)
    {
        // Empty of a backlog, whose envelopes are due when they are taken.
        var dueAt = new Dictionary<Digest, long>(perSecond == 0 ? 0 : backlog.Count);
        var digests = backlog.Select(DigestOf).ToList();
        // A backlog is there before it begins: what queueing 100,000 messages takes is no stall of the relay's.
        for (var i = 0; perSecond == 0 && i < backlog.Count; i++) bus.Add(new ShapeMessage(backlog[i], digests[i]));
        var (started, startedAt) = (time.GetTimestamp(), time.GetUtcNow());
        for (var i = 0; perSecond > 0 && i < backlog.Count; i++)
        {
            var after = TimeSpan.FromSeconds((double)i / perSecond);
            dueAt[digests[i]] = started + (long)(after.TotalSeconds * time.TimestampFrequency);
            bus.Add(new ShapeMessage(backlog[i], digests[i]) { DueAt = startedAt + after });
        }

        var workers = stores.Select(store => new ShapeWorker(store, directory, vault, bus)).ToList();
        while (bus.Done < backlog.Count && time.GetElapsedTime(started) < patience)
        {
            await Task.Delay(Look, time, cancellationToken);
            NotePauses();
        }

        await Task.Delay(afterwards, time, cancellationToken);
        foreach (var worker in workers) await worker.DisposeAsync();
        return (started, dueAt);
    }

    // Of the newest collection of each kind since the shape began: none is missed but those that are over within one look.
    private void NotePauses()
    {
        foreach (var kind in (ReadOnlySpan<GCKind>)[GCKind.Any, GCKind.FullBlocking, GCKind.Background])
        {
            var collection = GC.GetGCMemoryInfo(kind);
            if (collection.Index <= _collected) continue;
            foreach (var pause in collection.PauseDurations)
            {
                if (pause > _longestPause) _longestPause = pause;
            }
        }
    }

    private ShapeResult Sum(Shape shape, ShapeBus bus, int all, long started, Dictionary<Digest, long> dueAt)
    {
        var moments = bus.Forwarded.Values.Order().ToList();
        var isComplete = moments.Count == all;
        var ended = isComplete ? time.GetElapsedTime(started, moments[^1]) : patience;
        var latencies = bus.Forwarded
            .Select(pair => time.GetElapsedTime(perSecond == 0 ? bus.TakenAt(pair.Key) : dueAt[pair.Key], pair.Value))
            .ToList();
        var stalls = moments.Prepend(started).Zip(moments, (one, next) => time.GetElapsedTime(one, next)).DefaultIfEmpty(patience);
        return new ShapeResult(
            shape,
            moments.Count,
            bus.Again,
            ended.TotalSeconds,
            Percentile.Milliseconds(latencies, 0.5),
            Percentile.Milliseconds(latencies, 0.99),
            stalls.Max().TotalMilliseconds,
            bus.Counts);
    }

    private static Digest DigestOf(byte[] wire) => Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail)
        ? envelope.Digest
        : throw new InvalidOperationException(detail);
}
