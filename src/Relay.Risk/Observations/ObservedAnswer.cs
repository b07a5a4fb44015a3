using Relay.Protocol.Envelopes;

namespace Relay.Risk.Observations;

/// <summary>What an addressee said of an envelope.</summary>
/// <param name="At">When the relay logged it.</param>
/// <param name="Delegation">Who said it.</param>
/// <param name="Id">Of which envelope.</param>
/// <param name="Reason">Why it was refused; null when it was opened.</param>
public sealed record ObservedAnswer(DateTimeOffset At, string Delegation, EnvelopeId Id, string? Reason);
