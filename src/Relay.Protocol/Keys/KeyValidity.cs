namespace Relay.Protocol.Keys;

/// <summary>
/// When a version of a key may be used, as its vault has it. No client library
/// looks at these on a local verify, so relay and delegations do, by this rule.
/// </summary>
/// <param name="Enabled">An absent value is not a permission.</param>
/// <param name="NotBefore">First moment; null for no bound.</param>
/// <param name="ExpiresOn">First moment after; null for no bound.</param>
public readonly record struct KeyValidity(bool? Enabled, DateTimeOffset? NotBefore, DateTimeOffset? ExpiresOn)
{
    /// <summary>True when the version may be used at that moment.</summary>
    public bool Covers(DateTimeOffset moment) => Enabled is true && CoveredSigning(moment);

    /// <summary>
    /// True when what was signed at that moment was signed in the version's time. That it has expired or was disabled since takes nothing
    /// from it: superseded is not compromised.
    /// </summary>
    public bool CoveredSigning(DateTimeOffset moment) => !(moment < NotBefore) && !(moment >= ExpiresOn);
}
