using System.Collections.Concurrent;

namespace Relay.Core.Caching;

/// <summary>
/// Keeps what a slow source answered, each answer no longer than its age allows. However many callers want a key, the source is asked
/// once; an answer due for renewal is still served while it is renewed, one that is too old never is.
/// </summary>
/// <remarks>
/// An answer's age counts from the moment its load began, so a bound on age is a bound on how long the source's change can go unseen.
/// A full cache gives up what is too old, then what is expendable, then what was asked for longest ago: more keys than places cost the
/// source more calls, and no key is refused for it.
/// Safe for concurrent use. Disposal cancels loads under way and waits for them.
/// </remarks>
public sealed class BoundedAgeCache<TKey, TValue> : IAsyncDisposable
    where TKey : notnull
    where TValue : class
{
    private readonly BoundedAgeCacheOptions _options;
    private readonly Func<TKey, TValue?, CancellationToken, ValueTask<Loaded<TValue>?>> _load;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();

    // Its own lock is taken inside the gate, never the other way round.
    private readonly SecondBudget _newKeys;

    // Guards _disposed, additions to and removals from _entries, and every Entry's Load and RetryAt. Never held across an await.
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <param name="options">Bounds.</param>
    /// <param name="load">
    /// Asks the source: key, the answer held (null if none), cancellation. Null
    /// when the source could not answer, which leaves the held answer as it is.
    /// </param>
    /// <param name="time">Clock of ages, pauses and the load timeout.</param>
    public BoundedAgeCache(
        BoundedAgeCacheOptions options, Func<TKey, TValue?, CancellationToken, ValueTask<Loaded<TValue>?>> load, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxEntries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.NewKeysPerSecond, 1);
        _options = options;
        _load = load;
        _time = time;
        _newKeys = new SecondBudget(options.NewKeysPerSecond, time);
    }

    /// <summary>The answer for a key, at once when one is held that is not too old.</summary>
    /// <returns>Null when there is no answer young enough and the source gave none.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled; the load goes on for the others.</exception>
    public ValueTask<TValue?> GetAsync(TKey key, CancellationToken cancellationToken)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Answer is not { } answer)
        {
            return LoadAndGetAsync(key, null, cancellationToken);
        }
        var now = _time.GetTimestamp();
        entry.AskedAt = now;
        var age = _time.GetElapsedTime(answer.LoadedAt, now);
        if (age < answer.RefreshAfter) return new(answer.Value);
        if (age >= answer.MaxAge) return LoadAndGetAsync(key, answer, cancellationToken);

        // Nobody waits for a renewal; the entry holds its task, and the next caller past MaxAge joins it.
        _ = LoadOnceAsync(key, entry, answer);
        return new(answer.Value);
    }

    /// <summary>
    /// Like <see cref="GetAsync"/>, but asks the source first when the held answer is as old as <paramref name="olderThan"/>.
    /// </summary>
    public ValueTask<TValue?> RefreshAsync(TKey key, TimeSpan olderThan, CancellationToken cancellationToken)
    {
        if (!_entries.TryGetValue(key, out var entry) || entry.Answer is not { } answer)
        {
            return LoadAndGetAsync(key, null, cancellationToken);
        }
        var now = _time.GetTimestamp();
        entry.AskedAt = now;
        var age = _time.GetElapsedTime(answer.LoadedAt, now);
        return age < olderThan && age < answer.MaxAge ? new(answer.Value) : LoadAndGetAsync(key, answer, cancellationToken);
    }

    /// <summary>
    /// True when the key is held, with an answer or while one is asked for: getting it takes nothing of the budget of new keys.
    /// </summary>
    public bool Holds(TKey key) => _entries.ContainsKey(key);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task[] loads;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            loads = [.. _entries.Values.Select(entry => entry.Load).OfType<Task>()];
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(loads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async ValueTask<TValue?> LoadAndGetAsync(TKey key, Answer? seen, CancellationToken cancellationToken)
    {
        if (FindOrAdd(key) is not { } entry) return null;
        if (LoadOnceAsync(key, entry, seen) is { } load)
        {
            await load.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return entry.Answer is { } answer && _time.GetElapsedTime(answer.LoadedAt) < answer.MaxAge ? answer.Value : null;
    }

    // Null when the cache is full of loads under way, or too many keys were new this second.
    private Entry? FindOrAdd(TKey key)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry)) return entry;
            if (!_newKeys.TryTake()) return null;
            if (_entries.Count >= _options.MaxEntries && !DropOutdated() && !DropLeast()) return null;
            return _entries[key] = new Entry { AskedAt = _time.GetTimestamp() };
        }
    }

    // Called under the gate. Linear, and bounded to NewKeysPerSecond passes a second by the caller.
    private bool DropOutdated()
    {
        var before = _entries.Count;
        foreach (var (key, entry) in _entries)
        {
            if (entry.Load is null && (entry.Answer is not { } answer || _time.GetElapsedTime(answer.LoadedAt) >= answer.MaxAge))
            {
                _entries.TryRemove(key, out _);
            }
        }

        return _entries.Count < before;
    }

    // Called under the gate. What is only known to be absent makes room for what may be there, so that strangers' inventions push out
    // nothing that is in use; then what was asked for longest ago. An eighth at a time: not every further key costs a pass.
    private bool DropLeast()
    {
        var idle = _entries.Where(pair => pair.Value is { Load: null, Answer: not null }).ToList();
        var expendable = idle.Where(pair => pair.Value.Answer!.IsExpendable).ToList();
        var dropped = (expendable.Count > 0 ? expendable : idle)
            .OrderBy(pair => pair.Value.AskedAt)
            .Take(Math.Max(1, _options.MaxEntries / 8))
            .ToList();
        foreach (var (key, _) in dropped)
        {
            _entries.TryRemove(key, out _);
        }

        return dropped.Count > 0;
    }

    // The load under way, a new one, or null: while the source is left alone
    // after a failure, and when a load has ended since the caller looked.
    private Task? LoadOnceAsync(TKey key, Entry entry, Answer? seen)
    {
        TaskCompletionSource? done = null;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (entry.Load is not null) return entry.Load;
            if (entry.Answer is { } answer && !ReferenceEquals(answer, seen)) return null;
            if (_time.GetTimestamp() < entry.RetryAt) return null;
            done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            entry.Load = done.Task;
        }

        return RunLoadAsync(key, entry, done);
    }

    private async Task RunLoadAsync(TKey key, Entry entry, TaskCompletionSource done)
    {
        var loadedAt = _time.GetTimestamp();
        Loaded<TValue>? loaded = null;
        try
        {
            using var timeout = new CancellationTokenSource(_options.LoadTimeout, _time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
            try
            {
                loaded = await _load(key, entry.Answer?.Value, linked.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (linked.IsCancellationRequested)
            {
                // Too slow, or stopping: no answer.
            }
        }
        finally
        {
            lock (_gate)
            {
                if (loaded is { } answer)
                {
                    entry.Answer = new Answer(answer.Value, loadedAt, answer.RefreshAfter, answer.MaxAge, answer.IsExpendable);
                }
                else
                {
                    entry.RetryAt = _time.GetTimestamp() + (long)(_options.FailurePause.TotalSeconds * _time.TimestampFrequency);
                }

                entry.Load = null;
            }

            done.SetResult();
        }
    }

    private sealed class Entry
    {
        private volatile Answer? _answer;
        private long _askedAt;

        public Answer? Answer
        {
            get => _answer;
            set => _answer = value;
        }

        // Written by every caller without the gate: any of the latest will do, a torn one would not.
        public long AskedAt
        {
            get => Volatile.Read(ref _askedAt);
            set => Volatile.Write(ref _askedAt, value);
        }

        public Task? Load { get; set; }

        public long RetryAt { get; set; } = long.MinValue;
    }

    private sealed record Answer(TValue Value, long LoadedAt, TimeSpan RefreshAfter, TimeSpan MaxAge, bool IsExpendable);
}
