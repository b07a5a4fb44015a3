using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Rules;

/// <summary>What a decision says about one candidate.</summary>
/// <param name="Index">Ledger index of the entry that it is now, or was before; -1 when it is none.</param>
/// <param name="Forward">It is to be forwarded: it is a new entry, or a duplicate that is not known to be forwarded.</param>
/// <param name="Ruling">Why it is no new entry; null when it is one.</param>
public readonly record struct CandidateRuling(long Index, bool Forward, Ruling? Ruling);
