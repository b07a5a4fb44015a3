using Relay.Protocol.Ledger;

namespace Relay.Protocol.Evidence;

/// <summary>What two entries about prekeys show that no honest ledger holds. Pure.</summary>
internal static class PrekeyPair
{
    /// <summary>One one-time key was given twice.</summary>
    public static bool ShowsTwice(LedgerEntry one, LedgerEntry two, long i, long j, out string detail)
    {
        detail = "";
        if (one is not ClaimEntry { Count: > 0 } a || two is not ClaimEntry { Count: > 0 } b) return false;
        if (a.Claim.Target != b.Claim.Target) return false;
        detail = $"the relay gave one-time keys of {a.Claim.Target} from {a.First} to {a.First + a.Count - 1} at index {i}, and from "
            + $"{b.First} to {b.First + b.Count - 1} at index {j}";
        return a.First < b.First + b.Count && b.First < a.First + a.Count;
    }

    /// <summary>A bundle or claim does not go on where the one that it has to go on from ended.</summary>
    /// <param name="one">The earlier entry, whatever it is.</param>
    /// <param name="two">The later one.</param>
    /// <param name="i">Index of the earlier one.</param>
    /// <param name="j">Index of the later one.</param>
    /// <param name="detail">What they show.</param>
    public static bool ShowsBroken(LedgerEntry one, LedgerEntry two, long i, long j, out string detail)
    {
        detail = "";
        if (two is not PrekeyChainEntry { Previous: var previous } next) return false;
        var before = one as PrekeyChainEntry;
        var isLink = before is { IsLink: true } && before.Delegation == next.Delegation;
        detail = $"the relay logged at index {j} what goes on from index {previous} about {next.Delegation}'s prekeys, ";
        if (previous >= j)
        {
            detail += "which comes after it";
            return true;
        }
        if (i > previous)
        {
            detail += $"and left out index {i}";
            return isLink;
        }
        if (i < previous || previous == 0) return false;
        detail += isLink ? $"and does not go on from it" : "which is not about them";
        return !isLink || !Continues(before!.Standing, next);
    }

    private static bool Continues(PrekeyStanding before, PrekeyChainEntry next)
    {
        // A bundle of no one-time keys says nothing of the next.
        if (next is PrekeysEntry { Bundle: var following })
        {
            return following.Number > before.Number && (following.OneTime.IsEmpty || following.First >= before.Next + before.Left);
        }
        return next is ClaimEntry given
            && given.Number == before.Number
            && given.Bundle == before.Bundle
            && given.Left == before.Left - given.Count
            && (given.Count == 0 || given.First == before.Next);
    }
}
