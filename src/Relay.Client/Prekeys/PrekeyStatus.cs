namespace Relay.Client.Prekeys;

/// <summary>Where a delegation's prekeys stand after they were looked after. Immutable.</summary>
/// <param name="Number">Of the bundle that the relay has from here; 0 when it has none.</param>
/// <param name="Left">One-time keys left at the relay; null when it did not say.</param>
/// <param name="ExpiresAt">Until when senders may seal to the bundle; null without one.</param>
/// <param name="IsNew">True when the bundle was published just now.</param>
/// <param name="Problem">What was expected and what came, when something could not be done now; empty otherwise.</param>
public sealed record PrekeyStatus(long Number, int? Left, DateTimeOffset? ExpiresAt, bool IsNew, string Problem);
