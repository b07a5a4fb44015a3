namespace Relay.Simulation.Tests.Kernel;

/// <summary>
/// A world in one thread: virtual time, one source of chance, and a queue of what
/// happens next. Two runs of one seed do the same things in the same order.
/// </summary>
/// <remarks>
/// Everything that waits in the code under test waits for an event of this queue: a store call, a send, a timer, a continuation handed to
/// <see cref="SimScheduler"/>. An event completes a task whose continuations run
/// inline on this thread, so when it returns, all it caused has been done or
/// waits for another event. Must be driven from a thread without a synchronisation context.
/// Whatever makes an event from another thread would be chance that no seed draws, so it ends the world: <see cref="Stray"/>.
/// </remarks>
internal sealed class SimKernel(int seed)
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private long _order;
    private int _thread;

    public int Seed { get; } = seed;

    public Random Random { get; } = new(seed);

    /// <summary>Virtual time.</summary>
    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Where another thread made an event; null when none did.</summary>
    public string? Stray { get; private set; }

    /// <summary>How many events have happened.</summary>
    public long Events { get; private set; }

    /// <summary>Of the moments and the order of all that happened (FNV-1a): two runs that did the same have the same one.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    /// <summary>When the next event is due; null for none.</summary>
    public DateTimeOffset? NextAt => _events.TryPeek(out _, out var key) ? new DateTimeOffset(key.At, TimeSpan.Zero) : null;

    /// <summary>Makes something happen after a delay; events of one moment happen in the order of a draw, not of their making.</summary>
    public void After(TimeSpan delay, Action happening)
    {
        if (!IsOwnThread()) return;
        var due = Now.Ticks + Math.Max(0, delay.Ticks);
        _events.Enqueue(happening, (due, ((long)Random.Next() << 32) | (uint)_order++));
    }

    /// <summary>Like <see cref="After"/>, but events of one moment keep the order in which they were made.</summary>
    public void Soon(Action happening)
    {
        if (IsOwnThread()) _events.Enqueue(happening, (Now.Ticks, _order++));
    }

    /// <summary>Lets the next event happen.</summary>
    /// <returns>False when there is none.</returns>
    public bool Step()
    {
        _thread = Environment.CurrentManagedThreadId;
        if (Stray is not null) throw new InvalidOperationException($"another thread made an event:\n{Stray}");
        if (!_events.TryDequeue(out var happening, out var key)) return false;
        if (key.At > Now.Ticks) Now = new DateTimeOffset(key.At, TimeSpan.Zero);
        Events++;
        Trace = unchecked((Trace ^ (ulong)key.At ^ (ulong)key.Order << 1) * 1099511628211);
        happening();
        return true;
    }

    // Before the first step a world is made by whoever makes it.
    private bool IsOwnThread()
    {
        if (_thread == 0 || _thread == Environment.CurrentManagedThreadId) return true;
        Stray = Environment.StackTrace;
        return false;
    }

    /// <summary>True once in <paramref name="outOf"/> times.</summary>
    public bool OneIn(int outOf) => outOf > 0 && Random.Next(outOf) == 0;

    /// <summary>Uniform between two spans.</summary>
    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + (most - least) * Random.NextDouble();
}
