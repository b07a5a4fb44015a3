using System.Globalization;
using Relay.Client.Delegations;
using Relay.Client.Prekeys;
using Relay.Protocol.Keys;

namespace Relay.Cli.Printing;

/// <summary>Where prekeys stand, in words.</summary>
internal static class PrekeyLines
{
    /// <summary>After they were looked after.</summary>
    public static string Of(PrekeyStatus status) => status.Problem.Length > 0 ? status.Problem : Text(
        $"bundle {status.Number}{(status.IsNew ? ", published now" : "")}: {status.Left} one-time keys left, until {status.ExpiresAt:u}");

    /// <summary>Of a key store's folder.</summary>
    public static string Of(PrekeyInventory here)
    {
        if (here.Newest is not { } bundle) return "none";
        var session = here.HasSessionKey ? "and the session key" : "no session key";
        var kind = bundle.Session.Kind == JwkKind.MlKem768P256 ? " of hybrid keys" : "";
        var left = Text($"{here.OneTimeKeys} of {bundle.OneTime.Length} one-time keys not used");
        return Text($"bundle {bundle.Number}{kind}: {left}, {session}, until {bundle.ExpiresAt:u}");
    }

    /// <summary>What the relay says.</summary>
    public static string Of(BundleStanding? standing, string problem) => standing is null
        ? problem.Length > 0 ? problem : "none in force"
        : Text($"bundle {standing.Number}: {standing.Left} one-time keys left, until {standing.Expires:u}");

    /// <summary>Which key opened an envelope, and for how long it still could.</summary>
    public static string OfKey(InboxResult opened) => opened.ReusableKey is { } reusable
        ? reusable.ToString()
        : $"one-time key {opened.KeyId}, removed once this is settled";

    /// <summary>What is wrong between here and the relay; null when nothing is.</summary>
    public static string? FindFault(PrekeyInventory here, BundleStanding? standing)
    {
        if (here.Newest is not { } bundle)
        {
            return standing is null ? null : Text($"the relay hands out bundle {standing.Number}, and none is here");
        }
        if (standing is null) return Text($"bundle {bundle.Number} is here, and the relay has none in force");
        if (!standing.Same)
        {
            var other = standing.Number == bundle.Number ? "another of that number" : Text($"bundle {standing.Number}");
            return Text($"bundle {bundle.Number} was signed last here, and the relay hands out {other}");
        }
        if (!here.HasSessionKey)
        {
            return Text($"the session key of bundle {bundle.Number} is not here: what is sealed to it cannot be opened");
        }
        return standing.Left > here.OneTimeKeys
            ? Text($"the relay has {standing.Left} one-time keys to hand out, and only {here.OneTimeKeys} of them are here")
            : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
