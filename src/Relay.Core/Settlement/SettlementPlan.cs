using Relay.Core.Rulings;

namespace Relay.Core.Settlement;

/// <summary>What is to be done with one message.</summary>
/// <param name="Settlement">The act.</param>
/// <param name="Ruling">What led to it; for a dead letter, its reason and description.</param>
/// <param name="CopyAt">When the scheduled copy is due; set for <see cref="SettlementAction.Retry"/>
/// and <see cref="SettlementAction.Postpone"/>, else null.</param>
/// <param name="CopyAttempt">The copy's <c>relay-attempt</c>.</param>
public readonly record struct SettlementPlan(SettlementAction Settlement, Ruling Ruling, DateTimeOffset? CopyAt, int CopyAttempt);
