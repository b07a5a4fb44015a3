namespace Relay.Client.Prekeys;

/// <summary>When a delegation publishes prekeys anew. Immutable.</summary>
public sealed record PrekeyPolicy
{
    /// <summary>One-time keys of a bundle: 0 to 100, default 100.</summary>
    public int Count { get; init; } = 100;

    /// <summary>With fewer one-time keys left than this a new bundle is published; default 10.</summary>
    public int RefillBelow { get; init; } = 10;

    /// <summary>Age at which the session key is followed by another; default 24 hours.</summary>
    public TimeSpan RotateAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// How long senders may seal to a bundle: from <see cref="RotateAfter"/> to 14 days, default 48 hours, so that a delegation that is
    /// away
    /// for a day can still be written to. A session key is kept for that and 30 days more, the longest that an envelope may last.
    /// </summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(48);
}
