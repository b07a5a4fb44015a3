namespace Relay.Functions.Live;

/// <summary>
/// Has feeds read in rounds, all on one timer, while there are any; who comes between two rounds is read at once. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A timer a feed woke a thread of the pool for each read, and waking it took longer than the read. A read that is slow holds up neither
/// the others nor the next round, in which its feed is left out.
/// </remarks>
/// <param name="every">Pause between two rounds; positive.</param>
/// <param name="time">Clock.</param>
internal sealed class LiveRounds(TimeSpan every, TimeProvider time)
{
    // Reads under way at once, where they wait for the store.
    private const int AtOnce = 32;

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly HashSet<LiveFeed> _feeds = [];
    private List<LiveFeed> _new = [];
    private TaskCompletionSource _came = NewSource();
    private Action? _end;

    /// <summary>The rounds; over when there has been no feed for a while.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>One more feed, which is read at once and then in every round.</summary>
    public void Add(LiveFeed feed)
    {
        lock (_gate)
        {
            _feeds.Add(feed);
            _new.Add(feed);
            _came.TrySetResult();
            if (_end is not null) return;
            // The rounds' own; it lives until they are told to end.
            var ending = new CancellationTokenSource();
            _end = ending.Cancel;
            Running = RunAsync(Running, ending);
        }
    }

    /// <summary>A feed that is read no more.</summary>
    /// <returns>When that was the last, what ends the rounds, to be called under no lock; else null.</returns>
    public Action? Remove(LiveFeed feed)
    {
        lock (_gate)
        {
            _new.Remove(feed);
            if (!_feeds.Remove(feed) || _feeds.Count > 0) return null;
            (var end, _end) = (_end, null);
            return end;
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync(Task before, CancellationTokenSource ending)
    {
        await Task.Yield();
        await before;
        using (ending)
        {
            var cancellationToken = ending.Token;
            var under = new List<Task>();
            while (!cancellationToken.IsCancellationRequested)
            {
                await ReadAsync(TakeAll(), under, cancellationToken);
                var round = Task.Delay(every, time, cancellationToken);
                while (await Task.WhenAny(round, CameAsync()) != round) await ReadAsync(TakeNew(), under, cancellationToken);
            }

            await Task.WhenAll(under);
        }
    }

    private static async ValueTask ReadAsync(List<LiveFeed> feeds, List<Task> under, CancellationToken cancellationToken)
    {
        under.RemoveAll(static task => task.IsCompleted);
        foreach (var feed in feeds)
        {
            var read = feed.ReadAsync(cancellationToken);
            if (read.IsCompletedSuccessfully) continue;
            under.Add(read.AsTask());
            if (under.Count < AtOnce) continue;
            await Task.WhenAny(under);
            under.RemoveAll(static task => task.IsCompleted);
        }
    }

    private Task CameAsync()
    {
        lock (_gate)
        {
            return _came.Task;
        }
    }

    private List<LiveFeed> TakeAll()
    {
        lock (_gate)
        {
            (_new, _came) = ([], NewSource());
            return [.. _feeds];
        }
    }

    private List<LiveFeed> TakeNew()
    {
        lock (_gate)
        {
            (var taken, _new, _came) = (_new, [], NewSource());
            return taken;
        }
    }
}
