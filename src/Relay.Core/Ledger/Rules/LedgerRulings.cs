using System.Globalization;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Rules;

/// <summary>Rulings on envelopes that are no new entry of a ledger: which verdict, and what was expected.</summary>
internal static class LedgerRulings
{
    // About how long a stream with a backlog takes for as many envelopes as can be held of it: those come again within it.
    private const double MostDrains = 1_000;
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);

    /// <summary>What exactly is damaged goes to the operator's log; who sent the envelope need not learn the names of blobs.</summary>
    public static Ruling Damaged() => Rule(
        Verdict.LedgerDamaged,
        ReasonCodes.LedgerDamaged,
        $"expected a ledger that can be verified, got one that is damaged; the operator's log says where");

    public static Ruling Unavailable(string detail) =>
        Rule(
            Verdict.LedgerUnavailable, ReasonCodes.LedgerUnavailable, $"expected to commit to the ledger, it cannot be done now: {detail}");

    public static Ruling Duplicate(long index) =>
        Rule(Verdict.Duplicate, ReasonCodes.Duplicate, $"expected a new envelope, got entry {index} again");

    public static Ruling Expired(DateTimeOffset at, DateTimeOffset expiresAt) =>
        Rule(Verdict.Expired, ReasonCodes.Expired, $"expected exp after {at:u}, got {expiresAt:u}");

    public static Ruling Embargoed(DateTimeOffset at, DateTimeOffset begins) =>
        Rule(Verdict.Embargoed, ReasonCodes.Embargoed, $"expected an entry from {begins:u}, got one of {at:u}") with { Until = begins };

    public static Ruling TooEarly(DateTimeOffset at, DateTimeOffset begins) => Rule(
        Verdict.LedgerUnavailable,
        ReasonCodes.LedgerUnavailable,
        $"expected a clock at {begins:u} or near it, as when the envelope was admitted, got {at:u}");

    public static Ruling Held(long next, long sequence) =>
        Rule(Verdict.Held, ReasonCodes.Held, $"expected sequence {next}, got {sequence}, which waits for it") with { Next = next };

    public static Ruling HeldAlready(long next, long sequence) =>
        Rule(Verdict.Held, ReasonCodes.Held, $"expected sequence {next} first, got {sequence} again") with { Next = next };

    public static Ruling TooFarAhead(long next, int reach, long sequence) => Rule(
        Verdict.HoldFull,
        ReasonCodes.HoldFull,
        $"expected sequence {next}, or at most {next + reach} to be held for it, got {sequence}") with
    {
        Next = next,
        Reach = reach,
        RetryWithin = DrainTime * Math.Min((sequence - next) / (double)reach, MostDrains),
    };

    public static Ruling RateLimited(long next, long sequence, DateTimeOffset from) => Rule(
        Verdict.RateLimited,
        ReasonCodes.RateLimited,
        $"expected {sequence} at {from:O} or later, as its sender's rate or the negotiation's has it, got it now") with
    { Next = next, Until = from };

    public static Ruling HoldFull(long next, int held, long sequence) => Rule(
        Verdict.HoldFull,
        ReasonCodes.HoldFull,
        $"expected sequence {next} and room to hold {sequence}, got {held} of the negotiation waiting") with
    { Next = next };

    public static Ruling Backlog() => Rule(
        Verdict.LedgerUnavailable,
        ReasonCodes.LedgerBacklog,
        $"expected fewer than {LedgerLimits.OutstandingEntries} entries in {LedgerLimits.Outstanding} runs not yet forwarded, got as many");

    public static Ruling NoRoomForStream() => Rule(
        Verdict.LedgerUnavailable,
        ReasonCodes.LedgerBacklog,
        $"expected at most {LedgerLimits.Streams} streams in a negotiation, got another");

    public static Ruling PolicyOutdated(long inForce, long version) => Rule(
        Verdict.LedgerUnavailable,
        ReasonCodes.PolicyOutdated,
        $"expected an envelope judged by version {inForce} of the negotiation's document, got version {version}");

    public static Ruling PolicyConflict(PolicyState inForce, Digest digest) => Rule(
        Verdict.LedgerUnavailable,
        ReasonCodes.PolicyConflict,
        $"expected the document of version {inForce.Version} with digest {inForce.Digest}, got {digest}");

    public static Ruling Contradiction(EvidenceKind kind, FormattableString description)
    {
        var (verdict, reason) = kind switch
        {
            EvidenceKind.Equivocation => (Verdict.Equivocation, ReasonCodes.Equivocation),
            EvidenceKind.BrokenChain => (Verdict.BrokenChain, ReasonCodes.BrokenChain),
            EvidenceKind.ForkSeen => (Verdict.ForkSeen, ReasonCodes.ForkSeen),
        };
        return Rule(verdict, reason, description);
    }

    private static Ruling Rule(Verdict verdict, string reason, FormattableString description) =>
        new(verdict, reason, description.ToString(CultureInfo.InvariantCulture));
}
