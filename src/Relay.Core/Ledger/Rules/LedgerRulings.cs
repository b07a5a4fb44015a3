using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Rules;

/// <summary>Rulings on envelopes that a ledger cannot decide on.</summary>
internal static class LedgerRulings
{
    /// <summary>What exactly is damaged goes to the operator's log; who sent the envelope need not learn the names of blobs.</summary>
    public static Ruling Damaged() => new(
        Verdict.LedgerDamaged, ReasonCodes.LedgerDamaged, "expected a ledger that can be verified, got one that is damaged; the operator's log says where");

    public static Ruling Unavailable(string detail) => new(
        Verdict.LedgerUnavailable, ReasonCodes.LedgerUnavailable, $"expected to commit to the ledger, it cannot be done now: {detail}");
}
