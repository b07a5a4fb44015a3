using System.Diagnostics;
using System.Globalization;
using Relay.Azure.Ledger;
using Relay.Core.Ledger.Store;
using Relay.FaultTests.Host;
using Relay.Testing;

namespace Relay.Azure.Tests.Ledger;

/// <summary>What only files do: damage, leftovers of killed processes, several processes at once.</summary>
public sealed class FolderLedgerStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Temporary => Path.Combine(_folder.Path, "~", "temporary");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Get_WithAnyBitFlipped_IsNotIntact()
    {
        var store = Open();
        await store.PutIfAbsentAsync("a/head", "content of 19 bytes"u8.ToArray(), Cancel);
        var path = Path.Combine(_folder.Path, "a", "head");
        var whole = await File.ReadAllBytesAsync(path, Cancel);
        var etags = new HashSet<string> { (await store.GetAsync("a/head", Cancel))!.ETag };
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(path, flipped, Cancel);
            var read = await store.GetAsync("a/head", Cancel);
            Assert.False(read!.Intact, $"bit {bit}");
            Assert.True(etags.Add(read.ETag), $"bit {bit}");
        }
    }

    [Fact]
    public async Task Get_CutAnywhereOrLonger_IsNotIntact()
    {
        var store = Open();
        await store.PutIfAbsentAsync("a/head", "content of 19 bytes"u8.ToArray(), Cancel);
        var path = Path.Combine(_folder.Path, "a", "head");
        var whole = await File.ReadAllBytesAsync(path, Cancel);
        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..length], Cancel);
            var read = await store.GetAsync("a/head", Cancel);
            Assert.False(read!.Intact, $"{length} bytes");
            Assert.Equal(Math.Max(0, length - BlobFrame.HeaderBytes), read.Content.Length);
        }

        await File.WriteAllBytesAsync(path, [.. whole, 0], Cancel);
        Assert.False((await store.GetAsync("a/head", Cancel))!.Intact);
    }

    [Fact]
    public async Task PutIfMatch_OfADamagedBlob_Heals()
    {
        var store = Open();
        var good = await store.PutIfAbsentAsync("a/head", "good"u8.ToArray(), Cancel);
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "a", "head"), "torn"u8.ToArray(), Cancel);

        Assert.Equal(default, await store.PutIfAbsentAsync("a/head", "good"u8.ToArray(), Cancel));
        Assert.Equal(default, await store.PutIfMatchAsync("a/head", "good"u8.ToArray(), good.ETag!, Cancel));
        var damaged = await store.GetAsync("a/head", Cancel);
        Assert.False(damaged!.Intact);
        Assert.Equal(good, await store.PutIfMatchAsync("a/head", "good"u8.ToArray(), damaged.ETag, Cancel));
        Assert.True((await store.GetAsync("a/head", Cancel))!.Intact);
    }

    [Fact]
    public async Task Open_AfterAKill_SweepsWhatNobodyWrites()
    {
        var store = Open();
        var abandoned = Path.Combine(Temporary, "abandoned");
        var inUse = Path.Combine(Temporary, "in-use");
        await File.WriteAllBytesAsync(abandoned, [1, 2, 3], Cancel);
        using (File.OpenHandle(inUse, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete))
        {
            Open();
            Assert.False(File.Exists(abandoned));
            Assert.True(File.Exists(inUse));
        }

        Open();
        Assert.False(File.Exists(inUse));
        Assert.True((await store.PutIfAbsentAsync("a", new byte[1], Cancel)).Stored);
        Assert.Empty(Directory.EnumerateFiles(Temporary));
    }

    [Fact]
    public async Task List_WithForeignFiles_NamesBlobsOnly()
    {
        var store = Open();
        await store.PutIfAbsentAsync("a/b", new byte[1], Cancel);
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "a", "README.TXT"), [1], Cancel);
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "a", "b~"), [1], Cancel);
        var names = new List<string>();
        await foreach (var name in store.ListAsync("", Cancel)) names.Add(name);
        Assert.Equal(["a/b"], names);
    }

    [Fact]
    public async Task Delete_OfTheLastBlob_TakesItsDirectories()
    {
        var store = Open();
        await store.PutIfAbsentAsync("a/tile/0/000.p/1", new byte[1], Cancel);
        await store.PutIfAbsentAsync("a/head", new byte[1], Cancel);
        await store.DeleteAsync("a/tile/0/000.p/1", Cancel);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "a", "tile")));
        Assert.NotNull(await store.GetAsync("a/head", Cancel));
    }

    [Fact]
    public async Task Put_WhereTheFolderCannotBeWritten_IsALedgerStoreException()
    {
        var store = Open();
        await store.PutIfAbsentAsync("a", new byte[1], Cancel);
        var fault = await Assert.ThrowsAsync<LedgerStoreException>(async () => await store.PutIfAbsentAsync("a/b", new byte[1], Cancel));
        Assert.Contains("cannot write a/b", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Temporary));
    }

    [Fact]
    public async Task TwoStores_OverOneFolder_ExcludeEachOther()
    {
        var first = Open();
        await first.PutIfAbsentAsync("counter", new byte[8], Cancel);
        ILedgerStore[] stores = [first, Open(), Open()];
        var counts = await Task.WhenAll(stores.Select(store => Task.Run(() => StoreRace.CountAsync(store, "counter", 30, Cancel), Cancel)));
        Assert.Equal(90, counts.Sum());
        Assert.Equal(90, (await first.GetAsync("counter", Cancel))!.Content.Span[7]);
    }

    [Fact]
    public async Task TwoProcesses_OverOneFolder_EachWinWhatTheySay()
    {
        const int Times = 100;
        var store = Open();
        await store.PutIfAbsentAsync("counter", new byte[8], Cancel);
        using var first = StartRace(Times);
        using var second = StartRace(Times);
        var results = await Task.WhenAll(RunAsync(first), RunAsync(second));

        Assert.Equal(Times, results.Sum(result => result.Claimed));
        Assert.Equal(2 * Times, results.Sum(result => result.Counted));
        Assert.Equal(2 * Times, (await store.GetAsync("counter", Cancel))!.Content.Span[7]);
        foreach (var (process, claimed, _) in results)
        {
            var count = 0;
            for (var i = 0; i < Times; i++)
            {
                if (System.Text.Encoding.ASCII.GetString((await store.GetAsync($"slot/{i}", Cancel))!.Content.Span) == process) count++;
            }

            Assert.Equal(claimed, count);
        }
    }

    [Fact]
    public async Task AKilledProcess_LeavesNoLockAndNothingTorn()
    {
        var store = Open();
        await store.PutIfAbsentAsync("counter", new byte[8], Cancel);
        for (var round = 0; round < 5; round++)
        {
            using var process = StartRace(1_000_000);
            await ReadyAsync(process);
            await process.StandardInput.WriteLineAsync();
            await TestDeadline.Until(() => Directory.Exists(Path.Combine(_folder.Path, "slot")), "the first put of the process");
            for (var i = 0; i < 5; i++) await StoreRace.CountAsync(store, "counter", 2, Cancel);
            process.Kill();
            await TestDeadline.Within(process.WaitForExitAsync(Cancel));
            await TestDeadline.Within(StoreRace.CountAsync(store, "counter", 3, Cancel));
        }

        await foreach (var name in store.ListAsync("", Cancel)) Assert.True((await store.GetAsync(name, Cancel))!.Intact, name);
        Open();
        Assert.Empty(Directory.EnumerateFiles(Temporary));
        Assert.Equal(5 * 13, (await store.GetAsync("counter", Cancel))!.Content.Span[7]);
    }

    private static async Task<(string Process, int Claimed, int Counted)> RunAsync(Process process)
    {
        await ReadyAsync(process);
        await process.StandardInput.WriteLineAsync();
        var line = await TestDeadline.Within(process.StandardOutput.ReadLineAsync(Cancel).AsTask());
        if (line is null) throw new InvalidOperationException("The process ended: " + await process.StandardError.ReadToEndAsync(Cancel));
        var parts = line.Split(' ');
        return (parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    private static async Task ReadyAsync(Process process) =>
        Assert.Equal("ready", await TestDeadline.Within(process.StandardOutput.ReadLineAsync(Cancel).AsTask()));

    private ILedgerStore Open() => LedgerStores.OpenFolder(_folder.Path, TimeProvider.System);

    private Process StartRace(int times)
    {
        string[] arguments =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "Relay.FaultTests.Host.dll"), "race", _folder.Path,
            times.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }
}
