#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>How a <see cref="ServiceBusSessionProcessor"/> works. Copied when the processor is made.</summary>
public class ServiceBusSessionProcessorOptions
{
    private int _prefetchCount;
    private int _maxConcurrentSessions = 8;
    private int _maxConcurrentCallsPerSession = 1;
    private TimeSpan _maxAutoLockRenewalDuration = TimeSpan.FromMinutes(5);
    private TimeSpan? _sessionIdleTimeout;

    /// <summary>Messages of a session kept ready without a free handler; default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int PrefetchCount
    {
        get => _prefetchCount;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(PrefetchCount));
            _prefetchCount = value;
        }
    }

    /// <summary>What receiving does to a message; peek-lock unless set.</summary>
    public ServiceBusReceiveMode ReceiveMode { get; set; } = ServiceBusReceiveMode.PeekLock;

    /// <summary>Whether a message is completed when its handler returns without having settled it; true unless set.</summary>
    public bool AutoCompleteMessages { get; set; } = true;

    /// <summary>How long the lock of a session is renewed: zero switches it off, infinite has no end; default 5 min.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative and not infinite.</exception>
    public TimeSpan MaxAutoLockRenewalDuration
    {
        get => _maxAutoLockRenewalDuration;
        set
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(MaxAutoLockRenewalDuration));
            }

            _maxAutoLockRenewalDuration = value;
        }
    }

    /// <summary>How long a session may have no message before it is let go: positive; the try timeout when null.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public TimeSpan? SessionIdleTimeout
    {
        get => _sessionIdleTimeout;
        set
        {
            if (value is { } time)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(SessionIdleTimeout));
            }

            _sessionIdleTimeout = value;
        }
    }

    /// <summary>Sessions that may be processed at once: at least 1, default 8. Not used when <see cref="SessionIds"/> are given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int MaxConcurrentSessions
    {
        get => _maxConcurrentSessions;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxConcurrentSessions));
            _maxConcurrentSessions = value;
        }
    }

    /// <summary>Handlers that may run at once in a session: at least 1, default 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int MaxConcurrentCallsPerSession
    {
        get => _maxConcurrentCallsPerSession;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaxConcurrentCallsPerSession));
            _maxConcurrentCallsPerSession = value;
        }
    }

    /// <summary>Sessions to process; whichever are free when there are none in the list.</summary>
    public IList<string> SessionIds { get; } = [];

    /// <summary>A name for the processor in diagnostics; made up when null or empty.</summary>
    public string Identifier { get; set; }
}
