using System.Text;
using Relay.Protocol.Text;

namespace Relay.Protocol.Keys;

/// <summary>
/// When a version of a key may be used, as its vault has it. No client library
/// looks at these on a local verify, so relay and delegations do, by this rule.
/// </summary>
/// <param name="Enabled">An absent value is not a permission.</param>
/// <param name="NotBefore">First moment; null for no bound.</param>
/// <param name="ExpiresOn">First moment after; null for no bound.</param>
/// <param name="CompromisedSince">
/// From when on others may have signed with it, as whoever withdrew it said; null when nobody did. Not the same as expired, disabled or
/// superseded, which take nothing from what was signed.
/// </param>
public readonly record struct KeyValidity(
    bool? Enabled, DateTimeOffset? NotBefore, DateTimeOffset? ExpiresOn, DateTimeOffset? CompromisedSince = null)
{
    /// <summary>Tag of a vault's key version that was withdrawn as compromised; its value is the time from which, a NumericDate.</summary>
    public const string CompromisedTag = "relay-compromised-since";

    /// <summary>True when the version may be used at that moment. One that was withdrawn as compromised never may.</summary>
    public bool Covers(DateTimeOffset moment) => Enabled is true && CompromisedSince is null && CoveredSigning(moment);

    /// <summary>
    /// True when what was signed at that moment was signed in the version's time. That it has expired or was disabled since takes nothing
    /// from it: superseded is not compromised. Of a compromised version it is true before the time given, if the moment is to be believed.
    /// </summary>
    public bool CoveredSigning(DateTimeOffset moment) =>
        !(moment < NotBefore) && !(moment >= ExpiresOn) && !(moment >= CompromisedSince);

    /// <summary>
    /// <see cref="CompromisedSince"/> from a key version's tags; null without the tag, and the first moment there is when its value cannot
    /// be read: whoever withdrew the version meant something by it.
    /// </summary>
    public static DateTimeOffset? ReadCompromisedSince(IEnumerable<KeyValuePair<string, string>>? tags)
    {
        var value = tags?.FirstOrDefault(tag => tag.Key == CompromisedTag).Value;
        if (value is null) return null;
        return StrictDecimal.TryParse(Encoding.UTF8.GetBytes(value), StrictDecimal.MaxNumericDate, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : DateTimeOffset.MinValue;
    }
}
