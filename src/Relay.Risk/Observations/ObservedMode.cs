using Relay.Protocol.Negotiations;

namespace Relay.Risk.Observations;

/// <summary>From then on the negotiation was in this mode.</summary>
/// <param name="At">When the relay logged it.</param>
/// <param name="Mode">The mode.</param>
public sealed record ObservedMode(DateTimeOffset At, NegotiationMode Mode);
