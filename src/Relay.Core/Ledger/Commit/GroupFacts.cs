using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>Facts of one group, with the proofs that duplicates' receipts need and everything that was found damaged.</summary>
internal sealed class GroupFacts : LedgerFacts
{
    /// <summary>Entries read, by index.</summary>
    public Dictionary<long, ProvedEntry> Proved { get; } = [];

    /// <summary>What is missing or damaged, one sentence each.</summary>
    public List<string> Problems { get; } = [];
}
