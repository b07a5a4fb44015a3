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
        if (PreviousOf(two) is not { } previous) return false;
        var delegation = DelegationOf(two);
        var isLink = IsLink(one) && DelegationOf(one) == delegation;
        detail = $"the relay logged at index {j} what goes on from index {previous} about {delegation}'s prekeys, ";
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
        return !isLink || !Continues(one, two);
    }

    private static bool Continues(LedgerEntry one, LedgerEntry two)
    {
        // The next one-time key after it, and how many of its bundle are left; a bundle of none says nothing of the next.
        var (number, next, left) = one switch
        {
            PrekeysEntry { Bundle: var bundle } => (bundle.Number, bundle.First, bundle.OneTime.Length),
            ClaimEntry claim => (claim.Number, claim.First + claim.Count, claim.Left),
            _ => throw new ArgumentException("Expected an entry about prekeys.", nameof(one)),
        };
        if (two is PrekeysEntry { Bundle: var following })
        {
            return following.Number > number && (following.OneTime.IsEmpty || following.First >= next + left);
        }
        var digest = one is PrekeysEntry entry ? entry.Bundle.Digest : ((ClaimEntry)one).Bundle;
        return two is ClaimEntry given
            && given.Number == number
            && given.Bundle == digest
            && given.Left == left - given.Count
            && (given.Count == 0 || given.First == next);
    }

    // What the chain of a delegation's prekeys is made of: a claim that was given the session key alone hangs beside it.
    private static bool IsLink(LedgerEntry entry) => entry is PrekeysEntry or ClaimEntry { Count: > 0 };

    private static long? PreviousOf(LedgerEntry entry) => entry switch
    {
        PrekeysEntry bundle => bundle.Previous,
        ClaimEntry claim => claim.Previous,
        _ => null,
    };

    private static string? DelegationOf(LedgerEntry entry) => entry switch
    {
        PrekeysEntry bundle => bundle.Bundle.Delegation,
        ClaimEntry claim => claim.Claim.Target,
        _ => null,
    };
}
