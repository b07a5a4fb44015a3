using System.Globalization;
using Relay.Azure.Ledger;
using Relay.Cli;
using Relay.Core.Ledger.Store;

namespace Relay.Benchmarks.Ledger;

/// <summary>What the commit costs: by group size, at a steady rate, in bytes, and with workers racing for one head.</summary>
internal sealed class LedgerBench(TimeSpan slice, TimeProvider time)
{
    private const int SteadyRate = 500;
    private const int Filling = 5_000;

    private static readonly int[] Groups = [1, 8, 64, 256];
    private static readonly int[] Workers = [1, 2, 4, 8];

    /// <summary>Figures in the order to print: what, on the store in memory, on the folder store.</summary>
    public async Task<IReadOnlyList<(string Figure, string Memory, string Folder)>> RunAsync(
        IProgress<string> progress, CancellationToken cancellationToken)
    {
        var rows = new List<(string, string, string)>();
        foreach (var group in Groups)
        {
            var memory = await OnMemoryAsync(store => GroupsAsync(store, group, cancellationToken));
            var folder = await OnFolderAsync(store => GroupsAsync(store, group, cancellationToken));
            rows.Add(($"group of {group}: commits/s", Number(memory.Commits), Number(folder.Commits)));
            rows.Add(($"group of {group}: envelopes/s", Number(memory.Envelopes), Number(folder.Envelopes)));
            progress.Report($"groups of {group}");
        }

        var steadyMemory = await OnMemoryAsync(store => SteadyAsync(store, cancellationToken));
        var steadyFolder = await OnFolderAsync(store => SteadyAsync(store, cancellationToken));
        rows.Add(
            ($"receipt latency p50 at {SteadyRate} envelopes/s, ms", Milliseconds(steadyMemory, 0.5), Milliseconds(steadyFolder, 0.5)));
        rows.Add(
            ($"receipt latency p99 at {SteadyRate} envelopes/s, ms", Milliseconds(steadyMemory, 0.99), Milliseconds(steadyFolder, 0.99)));
        progress.Report("steady rate");
        foreach (var workers in Workers)
        {
            var memory = await OnMemoryAsync(store => RaceAsync(store, workers, cancellationToken));
            var folder = await OnFolderAsync(store => RaceAsync(store, workers, cancellationToken));
            rows.Add(($"{workers} workers on one negotiation: envelopes/s", Number(memory), Number(folder)));
            progress.Report($"{workers} workers");
        }

        var store = new BenchLedgerStore();
        var calls = await FillAsync(store, cancellationToken);
        var onFolder = await OnFolderAsync(async (folder, path) =>
        {
            await FillAsync(folder, cancellationToken);
            return new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        });
        rows.Add(
            ($"bytes of state per envelope, at {Filling}", Number((double)store.TotalBytes / Filling), Number((double)onFolder / Filling)));
        rows.Add(("vault calls for a million envelopes, one process", calls.ToString("0.00", CultureInfo.InvariantCulture), ""));
        return rows;
    }

    private async Task<(double Commits, double Envelopes)> GroupsAsync(ILedgerStore store, int group, CancellationToken cancellationToken)
    {
        using var vault = new BenchVault();
        await using var worker = new BenchWorker(store, vault, "d0", time);
        var count = 0;
        await worker.RelayAsync(worker.Next(), cancellationToken);
        var elapsed = TimeSpan.Zero;
        while (elapsed < slice)
        {
            // Made outside the clock: only the commit is measured.
            var envelopes = Enumerable.Range(0, group).Select(_ => worker.Next()).ToList();
            var started = time.GetTimestamp();
            var commits = envelopes.Select(envelope => worker.CommitAsync(envelope, cancellationToken)).ToList();
            await Task.WhenAll(commits);
            elapsed += time.GetElapsedTime(started);
            count++;
        }

        return (count / elapsed.TotalSeconds, (double)count * group / elapsed.TotalSeconds);
    }

    private async Task<List<TimeSpan>> SteadyAsync(ILedgerStore store, CancellationToken cancellationToken)
    {
        using var vault = new BenchVault();
        await using var worker = new BenchWorker(store, vault, "d0", time);
        await worker.RelayAsync(worker.Next(), cancellationToken);
        var relays = new List<Task<TimeSpan>>();
        var started = time.GetTimestamp();
        var total = (int)(SteadyRate * 2 * slice.TotalSeconds);
        while (relays.Count < total)
        {
            var due = Math.Min(total, (int)(time.GetElapsedTime(started).TotalSeconds * SteadyRate) + 1);
            while (relays.Count < due)
            {
                relays.Add(worker.RelayAsync(worker.Next(), cancellationToken));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), time, cancellationToken);
        }

        return [.. await Task.WhenAll(relays)];
    }

    private async Task<double> RaceAsync(ILedgerStore store, int count, CancellationToken cancellationToken)
    {
        const int inFlight = 32;
        using var vault = new BenchVault();
        var workers = Enumerable.Range(0, count).Select(i => new BenchWorker(store, vault, $"d{i}", time)).ToList();
        await workers[0].RelayAsync(workers[0].Next(), cancellationToken);
        var started = time.GetTimestamp();
        var done = await Task.WhenAll(workers.Select(async worker =>
        {
            var relayed = 0;
            while (time.GetElapsedTime(started) < slice)
            {
                await Task.WhenAll(
                    Enumerable.Range(0, inFlight)
                        .Select(_ => worker.Next())
                        .ToList()
                        .Select(envelope => worker.RelayAsync(envelope, cancellationToken)));
                relayed += inFlight;
            }

            return relayed;
        }));
        var rate = done.Sum() / time.GetElapsedTime(started).TotalSeconds;
        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }

        return rate;
    }

    // Vault calls by the hour's two signatures: as many envelopes as this commits in half an hour share one.
    private async Task<double> FillAsync(ILedgerStore store, CancellationToken cancellationToken)
    {
        const int group = 50;
        using var vault = new BenchVault();
        var started = time.GetTimestamp();
        await using (var worker = new BenchWorker(store, vault, "d0", time))
        {
            for (var i = 0; i < Filling; i += group)
            {
                await Task.WhenAll(
                    Enumerable.Range(0, group)
                        .Select(_ => worker.Next())
                        .ToList()
                        .Select(envelope => worker.RelayAsync(envelope, cancellationToken)));
            }
        }

        var rate = Filling / time.GetElapsedTime(started).TotalSeconds;
        return vault.Calls * 1_000_000 / (rate * TimeSpan.FromMinutes(30).TotalSeconds);
    }

    private static async Task<T> OnMemoryAsync<T>(Func<ILedgerStore, Task<T>> measure) => await measure(new BenchLedgerStore());

    private Task<T> OnFolderAsync<T>(Func<ILedgerStore, Task<T>> measure) => OnFolderAsync((store, _) => measure(store));

    private async Task<T> OnFolderAsync<T>(Func<ILedgerStore, string, Task<T>> measure)
    {
        var folder = Directory.CreateTempSubdirectory("relay-bench-ledger-").FullName;
        try
        {
            return await measure(LedgerStores.OpenFolder(folder, time), folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    private static string Milliseconds(List<TimeSpan> latencies, double quantile) =>
        Percentile.Milliseconds(latencies, quantile).ToString("0.0", CultureInfo.InvariantCulture);
}
