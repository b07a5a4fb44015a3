using System.Collections.Concurrent;

namespace Relay.Protocol.Signatures;

/// <summary>
/// Idle key objects of one key. The platform documents none of its asymmetric classes as safe for concurrent use, so each caller rents one
/// for itself. After dispose renting still works, and what comes back is disposed: a key that is being dropped must not fail a verification
/// that has begun.
/// </summary>
internal sealed class HandlePool<T>(Func<T> create) : IDisposable
    where T : class, IDisposable
{
    private static readonly int MaxIdle = Environment.ProcessorCount;

    private readonly ConcurrentQueue<T> _idle = new();

    // The common case of one caller at a time touches this slot alone.
    private T? _first;
    private int _idleCount;
    private volatile bool _disposed;

    public T Rent()
    {
        if (Interlocked.Exchange(ref _first, null) is { } first) return first;
        if (!_idle.TryDequeue(out var item)) return create();
        Interlocked.Decrement(ref _idleCount);
        return item;
    }

    public void Return(T item)
    {
        if (Interlocked.CompareExchange(ref _first, item, null) is not null)
        {
            if (Interlocked.Increment(ref _idleCount) <= MaxIdle)
            {
                _idle.Enqueue(item);
            }
            else
            {
                Interlocked.Decrement(ref _idleCount);
                item.Dispose();
            }
        }
        if (_disposed) Drain();
    }

    public void Dispose()
    {
        _disposed = true;
        Drain();
    }

    private void Drain()
    {
        Interlocked.Exchange(ref _first, null)?.Dispose();
        while (_idle.TryDequeue(out var item))
        {
            Interlocked.Decrement(ref _idleCount);
            item.Dispose();
        }
    }
}
