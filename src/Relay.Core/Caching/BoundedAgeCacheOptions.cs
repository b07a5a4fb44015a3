namespace Relay.Core.Caching;

/// <summary>Bounds of a <see cref="BoundedAgeCache{TKey, TValue}"/>; immutable.</summary>
public sealed record BoundedAgeCacheOptions
{
    /// <summary>
    /// Most keys held, at least 1. When all are in date, expendable answers make room, and then those asked for longest ago; a further
    /// key is refused only while all of them are being loaded.
    /// </summary>
    public int MaxEntries { get; init; } = 4_096;

    /// <summary>
    /// Most keys a second that were not held before, at least 1: peers choose keys, and each new one costs a call to the source.
    /// </summary>
    public int NewKeysPerSecond { get; init; } = 100;

    /// <summary>Longest wait for the source.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After a failed load the source is left alone for this long.</summary>
    public TimeSpan FailurePause { get; init; } = TimeSpan.FromSeconds(2);
}
