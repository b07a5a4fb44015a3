namespace Relay.Functions.Live;

/// <summary>
/// Reads one subject again and again while anybody looks at it, once for all of them; each is told what is newest, so who reads slowly
/// misses what was between and nothing is kept for them. Safe for concurrent use.
/// </summary>
/// <param name="every">Pause between two reads; positive.</param>
/// <param name="read">Reads it; null where it is as it was read last, or cannot be read now. Throws nothing.</param>
/// <param name="time">Clock.</param>
internal sealed class LiveFeed(TimeSpan every, Func<CancellationToken, ValueTask<LiveEvent?>> read, TimeProvider time)
{
    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private int _viewers;
    private LiveEvent? _newest;
    private TaskCompletionSource _changed = NewSource();
    private Action? _end;

    /// <summary>The loop that reads; over when nobody has looked for a while.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>One more looks.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            if (_viewers++ > 0) return;
            // What was read for those who have gone is old.
            _newest = null;
            // The loop's own; it lives until it is told to end.
            var ending = new CancellationTokenSource();
            _end = ending.Cancel;
            Running = RunAsync(Running, ending);
        }
    }

    /// <summary>One has gone.</summary>
    /// <returns>When that was the last, what ends the loop, to be called under no lock; else null.</returns>
    public Action? Leave()
    {
        lock (_gate)
        {
            if (--_viewers > 0) return null;
            (var end, _end) = (_end, null);
            return end;
        }
    }

    /// <summary>Waits until there is something else than what a viewer has.</summary>
    /// <param name="id">Of the event that it has; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<LiveEvent> NextAsync(string? id, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_newest is { } newest && newest.Id != id) return newest;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
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
            while (!cancellationToken.IsCancellationRequested)
            {
                if (await read(cancellationToken) is { } one) Take(one, cancellationToken);
                await Task.Delay(every, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Take(LiveEvent one, CancellationToken cancellationToken)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (cancellationToken.IsCancellationRequested || _newest?.Id == one.Id) return;
            _newest = one;
            (changed, _changed) = (_changed, NewSource());
        }

        changed.SetResult();
    }
}
