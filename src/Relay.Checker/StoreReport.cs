namespace Relay.Checker;

/// <summary>What the check of a whole store found.</summary>
/// <param name="Ledgers">One report for each negotiation, ordinal order.</param>
/// <param name="Foreign">Blobs that belong to no ledger.</param>
/// <param name="SignaturesVerified">False when no vault key was given: then certificates
/// are taken at their word, and everything after them is verified.</param>
/// <param name="QuorumsVerified">
/// False when no mediators' keys were given: then the signatures in entries are taken at their word. What could not be told of single
/// entries is in <see cref="LedgerReport.Unproved"/>.
/// </param>
public sealed record StoreReport(IReadOnlyList<LedgerReport> Ledgers, int Foreign, bool SignaturesVerified, bool QuorumsVerified)
{
    /// <summary>True when nothing is wrong in any ledger.</summary>
    public bool IsClean => Ledgers.All(ledger => ledger.IsClean);
}
