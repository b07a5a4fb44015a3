using System.Collections.Concurrent;

namespace Emulator.FunctionsHost.Triggers.Http;

/// <summary>
/// Lets so many requests into the worker at once; the others wait here. The
/// worker joins a request to its invocation within 5 s or fails it, and under a
/// thousand at once the two halves of one arrive further apart than that. Thread-safe.
/// </summary>
/// <param name="concurrent">In the worker at once (host.json, <c>http.maxConcurrentRequests</c>); negative for any number.</param>
/// <param name="outstanding">In the worker and waiting (<c>http.maxOutstandingRequests</c>); negative for any number.</param>
internal sealed class RequestGate(int concurrent, int outstanding) : IAsyncDisposable
{
    // Invocations whose requests were answered before they ended.
    private readonly ConcurrentDictionary<Task, bool> _trailing = [];
    private readonly SemaphoreSlim? _places = concurrent < 0 ? null : new SemaphoreSlim(concurrent);
    private int _here;

    /// <summary>Waits for a place; with one, call <see cref="Leave"/> when done.</summary>
    /// <param name="cancellationToken">The client has gone.</param>
    /// <returns>False when as many are here as may wait.</returns>
    public async ValueTask<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        var here = Interlocked.Increment(ref _here);
        if (outstanding >= 0 && here > outstanding)
        {
            Interlocked.Decrement(ref _here);
            return false;
        }

        try
        {
            if (_places is not null) await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch
        {
            Interlocked.Decrement(ref _here);
            throw;
        }
    }

    public void Leave()
    {
        _places?.Release();
        Interlocked.Decrement(ref _here);
    }

    /// <summary>Leaves when the invocation ends, however: until then the worker has it, and it takes its place.</summary>
    public void LeaveAfter(Task invoking)
    {
        if (invoking.IsCompleted)
        {
            Leave();
            return;
        }

        _trailing.TryAdd(invoking, true);
        _ = LeaveOnceAsync(invoking);
    }

    /// <summary>Waits for invocations that are left of requests. When no more requests come.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => Task.WhenAll(_trailing.Keys).WaitAsync(cancellationToken);

    /// <summary>When the worker has ended, and with it all invocations.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _places?.Dispose();
    }

    private async Task LeaveOnceAsync(Task invoking)
    {
        await invoking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Leave();
        _trailing.TryRemove(invoking, out _);
    }
}
