using Relay.Client.Mediators;

namespace Relay.Client.Parties;

/// <summary>How a <see cref="MediatorClient"/> signs, and goes on when the relay says "not now".</summary>
public sealed class MediatorClientOptions
{
    /// <summary>Submissions of an envelope, the first included: 1 to 100; default 8.</summary>
    public int MaxAttempts { get; init; } = 8;

    /// <summary>Pause before the second; each next is up to twice as long, with jitter. Default 500 ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause; what the relay asks for (<c>Retry-After</c>) is waited even when it is longer. Default 30 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How heads that come at once are signed together, with few calls of each key (<see cref="BatchSigner"/>; keys on P-256 only). Null,
    /// the default, signs each by itself.
    /// </summary>
    public BatchSigningOptions? Batches { get; init; }

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAttempts, 100);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FirstPause, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LongestPause, FirstPause);
    }
}
