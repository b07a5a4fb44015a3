namespace Relay.Protocol.Negotiations;

/// <summary>How many envelopes are admitted: of each lane of a sender, or of a whole negotiation.</summary>
/// <param name="PerSecond">Envelopes a second, 1 to 1,000,000.</param>
/// <param name="Burst">Envelopes at once, 1 to 1,000,000.</param>
public sealed record RateLimit(int PerSecond, int Burst);
