using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Reading;

/// <summary>What rates would say of an envelope that came now.</summary>
/// <param name="Quotas">The limits that hold for it, its sender's first.</param>
/// <param name="Wait">Why it would not be admitted, with when it would; null when it would be.</param>
/// <param name="After">How long until it would be admitted; zero when it would be now.</param>
public sealed record RateStanding(IReadOnlyList<RateQuota> Quotas, Ruling? Wait, TimeSpan After);
