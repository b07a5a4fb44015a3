namespace Relay.Functions.Live;

/// <summary>
/// What is newest of one subject while anybody looks at it, read once for all of them; each is told what is newest, so who reads slowly
/// misses what was between and nothing is kept for them. Safe for concurrent use.
/// </summary>
/// <param name="read">Reads it; null where it is as it was read last, or cannot be read now. Throws nothing.</param>
internal sealed class LiveFeed(Func<CancellationToken, ValueTask<LiveEvent?>> read)
{
    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private bool _isReading;
    private int _viewers;
    private LiveEvent? _newest;
    private TaskCompletionSource _changed = NewSource();

    /// <summary>One more looks.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            _viewers++;
        }
    }

    /// <summary>One has gone.</summary>
    /// <returns>True when that was the last.</returns>
    public bool Leave()
    {
        lock (_gate)
        {
            return --_viewers == 0;
        }
    }

    /// <summary>Reads it, and tells those who look where it is another; nothing while it is being read already.</summary>
    public async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isReading) return;
            _isReading = true;
        }

        var one = await read(cancellationToken);
        lock (_gate)
        {
            _isReading = false;
        }

        if (one is not null) Take(one);
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

    private void Take(LiveEvent one)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (_newest?.Id == one.Id) return;
            _newest = one;
            (changed, _changed) = (_changed, NewSource());
        }

        changed.SetResult();
    }
}
