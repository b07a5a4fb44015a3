using System.Collections.Immutable;
using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>Facts of one group, with the proofs that duplicates' receipts need and everything that was found damaged.</summary>
internal sealed class GroupFacts : LedgerFacts
{
    /// <summary>Entries read, by index.</summary>
    public Dictionary<long, ProvedEntry> Proved { get; } = [];

    /// <summary>Newest chunks of streams, those not full, by the stream's position; those of streams with new entries at least.</summary>
    public required ImmutableDictionary<int, byte[]> Tails { get; set; }

    /// <summary>What is missing or damaged, one sentence each.</summary>
    public List<string> Problems { get; } = [];
}
