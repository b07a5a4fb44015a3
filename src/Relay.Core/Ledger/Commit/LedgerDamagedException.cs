namespace Relay.Core.Ledger.Commit;

/// <summary>
/// A blob that a commit cannot do without is missing or is not what the head
/// says it is. An operator must act; the ledger stands still until then.
/// </summary>
internal sealed class LedgerDamagedException(string problem) : Exception(problem);
