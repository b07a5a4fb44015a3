using System.Diagnostics;
using Relay.Core.Ledger.Store;

namespace Relay.FaultTests;

/// <summary>
/// Waits for the moment of a kill. A sixth of them is any moment after the app takes
/// messages; the others watch the store, so that kills land where a commit is under way:
/// its head is there, what stood behind heads is being published, a file of it is being written, or some commits later.
/// </summary>
/// <param name="store">The ledger's store, only read.</param>
/// <param name="negotiation">The ledger.</param>
/// <param name="temporary">Folder in which a folder store writes what it then renames; null for another store.</param>
/// <param name="random">Chooses.</param>
internal sealed class KillMoment(ILedgerStore store, string negotiation, string? temporary, Random random)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    // When there is nothing left to commit: what was sent had been logged, or is locked for the process before.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private string? _published;
    private string? _head;

    /// <summary>How many kills waited for what.</summary>
    public SortedDictionary<string, int> Chosen { get; } = new(StringComparer.Ordinal);

    /// <summary>Remembers what is there before the app starts.</summary>
    public async Task RememberAsync(CancellationToken cancellationToken) =>
        (_head, _published) = (await HeadAsync(cancellationToken), await PublishedAsync(cancellationToken));

    /// <summary>Returns when it is time; never later than a few seconds.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var name = await WaitForAsync(random.Next(6), cancellationToken);
        if (Stopwatch.GetElapsedTime(started) > Patience) name = "nothing to see";
        Chosen[name] = Chosen.GetValueOrDefault(name) + 1;
    }

    private async Task<string> WaitForAsync(int choice, CancellationToken cancellationToken)
    {
        switch (choice)
        {
            case 0:
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1_500)), TimeProvider.System, cancellationToken);
                return "any time";
            case 1 or 2:
                await UntilAsync(async () => _published != (_published = await PublishedAsync(cancellationToken)), cancellationToken);
                return "publishing";
            case 3:
                await SwapsAsync(1 + random.Next(3), cancellationToken);
                return "swapped";
            case 4 when temporary is not null:
                await SwapsAsync(random.Next(3), cancellationToken);
                await UntilAsync(() => ValueTask.FromResult(Directory.EnumerateFiles(temporary).Any()), cancellationToken);
                return "writing";
            default:
                await SwapsAsync(1 + random.Next(6), cancellationToken);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20)), TimeProvider.System, cancellationToken);
                return "later";
        }
    }

    private async Task SwapsAsync(int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            await UntilAsync(async () => _head != (_head = await HeadAsync(cancellationToken)), cancellationToken);
        }
    }

    private static async Task UntilAsync(Func<ValueTask<bool>> seen, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await seen() && Stopwatch.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }
    }

    private async ValueTask<string?> HeadAsync(CancellationToken cancellationToken) =>
        (await store.GetAsync($"{negotiation}/head", cancellationToken))?.ETag;

    // The names of the newest bundles: they change with the first blobs that are published.
    private async ValueTask<string> PublishedAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var name in store.ListAsync($"{negotiation}/tile/entries/", cancellationToken)) names.Add(name);
        return string.Join(',', names);
    }
}
