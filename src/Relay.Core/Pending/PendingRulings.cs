using System.Globalization;
using Relay.Core.Rulings;
using Relay.Core.Verification;
using Relay.Protocol.Quorum;

namespace Relay.Core.Pending;

/// <summary>Rulings on copies below quorum.</summary>
internal static class PendingRulings
{
    /// <summary>True for a ruling on signatures that count as far as they go and do not suffice: others may bring the rest.</summary>
    public static bool MayWait(Ruling ruling, QuorumResult quorum) =>
        ruling is { Verdict: Verdict.QuorumNotMet, Reason: ReasonCodes.QuorumNotMet } && quorum.Weight > 0;

    /// <summary>It is kept until others bring the rest.</summary>
    public static Ruling Waits(QuorumResult quorum, DateTimeOffset until) => Rule(
        Verdict.Pending,
        ReasonCodes.Pending,
        $"expected signatures of weight {quorum.Required}, got {quorum.Weight} so far; kept until {until:u} for others to bring the rest");

    /// <summary>Nothing more is waited for.</summary>
    public static Ruling TooLate(QuorumResult quorum, DateTimeOffset until) => Rule(
        Verdict.QuorumNotMet, ReasonCodes.QuorumNotMet, $"{QuorumRules.Describe(quorum)}; waited for others until {until:u}");

    /// <summary>As many wait as may.</summary>
    public static Ruling Full(int most, string of) => Rule(
        Verdict.PendingFull,
        ReasonCodes.PendingFull,
        $"expected fewer than {most} envelopes of {of} that wait for more signatures, got as many");

    /// <summary>It cannot be kept now.</summary>
    public static Ruling Unavailable(string problem) => Rule(
        Verdict.LedgerUnavailable,
        ReasonCodes.LedgerUnavailable,
        $"expected to keep an envelope below quorum, it cannot be done now: {problem}");

    private static Ruling Rule(Verdict verdict, string reason, FormattableString description) =>
        new(verdict, reason, description.ToString(CultureInfo.InvariantCulture));
}
