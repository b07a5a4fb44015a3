using System.Collections.Concurrent;
using Emulator.ServiceBus.Journal;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// Moves the messages of entities that forward to where they are to go. A
/// message is accepted by the entity it was sent to, and moved from there in
/// steps of its own: out of one store and into the next in one append. One
/// worker for the whole namespace, on the thread pool, while there is work.
/// </summary>
/// <param name="find">The queue or topic of a path, null when there is none.</param>
internal sealed class Forwarding(Func<string, ISendTarget?> find) : IThreadPoolWorkItem, IDisposable
{
    // Under the gates at a time.
    private const int MovedAtOnce = 64;

    // How long to leave a disk alone that fails.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentQueue<MessageStore> _work = new();

    // Stores in the queue, or being worked on; the one that makes it 1 starts the worker.
    private int _pending;
    private volatile bool _isDisposed;
    private volatile TaskCompletionSource? _idle;

    /// <summary>A store has messages to move on. Called under its gate, at most once until it is worked on.</summary>
    public void Wake(MessageStore store)
    {
        _work.Enqueue(store);
        if (Interlocked.Increment(ref _pending) == 1) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Completes when nothing is left to move, for tests.</summary>
    public Task WhenIdleAsync()
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _idle = idle;
        if (Volatile.Read(ref _pending) == 0) idle.TrySetResult();
        return idle.Task;
    }

    /// <summary>Moves nothing any more.</summary>
    public void Dispose() => _isDisposed = true;

    void IThreadPoolWorkItem.Execute()
    {
        while (_work.TryDequeue(out var store))
        {
            if (!_isDisposed && Step(store)) _work.Enqueue(store);
            else if (Interlocked.Decrement(ref _pending) == 0) break;
        }

        if (Volatile.Read(ref _pending) == 0) _idle?.TrySetResult();
    }

    /// <returns>True when there is more to move.</returns>
    private bool Step(MessageStore store)
    {
        var path = store.ForwardTo;
        var target = path is null ? null : find(path);
        using var gates = new DomainGates(target is null ? [store.Domain] : [store.Domain, target.Domain]);
        if (store.Domain.Journal.IsFailing)
        {
            store.EndForwardingLocked();
            _ = new Retry(store);
            return false;
        }

        var isMore = false;
        try
        {
            // It may be another entity's by now.
            isMore = store.ForwardTo != path || store.ForwardLocked(target, MovedAtOnce);
        }
        catch (JournalReadException)
        {
            store.EndForwardingLocked();
            _ = new Retry(store);
        }

        gates.Commit();
        return isMore;
    }

    /// <summary>Looks again later. Real time: what fails is a disk.</summary>
    private sealed class Retry
    {
        private readonly ITimer _timer;

        public Retry(MessageStore store) => _timer = TimeProvider.System.CreateTimer(
            _ =>
            {
                _timer!.Dispose();
                store.SweepDue();
            },
            null, RetryDelay, Timeout.InfiniteTimeSpan);
    }
}
