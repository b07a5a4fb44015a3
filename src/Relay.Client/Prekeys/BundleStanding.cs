namespace Relay.Client.Prekeys;

/// <summary>What the relay says of a delegation's prekeys. Immutable.</summary>
/// <param name="Number">Of the bundle in force.</param>
/// <param name="Left">One-time keys not handed out.</param>
/// <param name="Expires">Until when they are.</param>
/// <param name="Same">True when it is the bundle that was asked about.</param>
public sealed record BundleStanding(long Number, int Left, DateTimeOffset Expires, bool Same);
