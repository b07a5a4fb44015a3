#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>How failed operations are tried again. Ranges and defaults are the official package's.</summary>
public class ServiceBusRetryOptions
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestTry = TimeSpan.FromHours(1);

    private int _maxRetries = 3;
    private TimeSpan _delay = TimeSpan.FromSeconds(0.8);
    private TimeSpan _maxDelay = TimeSpan.FromMinutes(1);
    private TimeSpan _tryTimeout = TimeSpan.FromMinutes(1);

    /// <summary>How delays grow; exponential unless set.</summary>
    public ServiceBusRetryMode Mode { get; set; } = ServiceBusRetryMode.Exponential;

    /// <summary>Tries after the first: 0 to 100, default 3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public int MaxRetries
    {
        get => _maxRetries;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxRetries));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100, nameof(MaxRetries));
            _maxRetries = value;
        }
    }

    /// <summary>The fixed delay, or the base of the exponential one: 1 ms to 5 min, default 0.8 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public TimeSpan Delay
    {
        get => _delay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1), nameof(Delay));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LongestDelay, nameof(Delay));
            _delay = value;
        }
    }

    /// <summary>The longest delay: not negative, default 1 min.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan MaxDelay
    {
        get => _maxDelay;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(MaxDelay));
            _maxDelay = value;
        }
    }

    /// <summary>The longest one try may take: over 0 to 1 h, default 1 min.</summary>
    /// <exception cref="ArgumentException">Zero or negative.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Over an hour.</exception>
    public TimeSpan TryTimeout
    {
        get => _tryTimeout;
        set
        {
            if (value <= TimeSpan.Zero)
            {
                throw new ArgumentException($"The timeout of one try must be positive, not {value}.", nameof(TryTimeout));
            }

            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LongestTry, nameof(TryTimeout));
            _tryTimeout = value;
        }
    }

    /// <summary>Replaces the policy the other members describe, when not null.</summary>
    public ServiceBusRetryPolicy CustomRetryPolicy { get; set; }

    internal ServiceBusRetryOptions Copy() => new()
    {
        Mode = Mode,
        _maxRetries = _maxRetries,
        _delay = _delay,
        _maxDelay = _maxDelay,
        _tryTimeout = _tryTimeout,
        CustomRetryPolicy = CustomRetryPolicy,
    };
}
