using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;

namespace Relay.Client.Ledger;

/// <summary>An evidence entry of the ledger: what the relay logged against others, or a sender against the relay.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Entry">The entry; its time is what the relay says.</param>
/// <param name="Problem">Why it does not hold, or cannot be judged here; null when every head has its quorum and shows it.</param>
/// <param name="Evidence">What shows it to others, when it holds; null otherwise.</param>
public sealed record Accusation(long Index, EvidenceEntry Entry, string? Problem, EvidenceFile? Evidence);
