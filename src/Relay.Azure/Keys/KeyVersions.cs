using System.Collections.Frozen;
using Azure.Security.KeyVault.Keys;
using Relay.Core.Verification;
using Relay.Protocol.Keys;

namespace Relay.Azure.Keys;

/// <summary>The versions a key had when the vault was asked, and whether each may be used. Immutable.</summary>
/// <param name="listedAt">Timestamp of the moment the vault was asked.</param>
/// <param name="versions">Attributes by version.</param>
internal sealed class KeyVersions(long listedAt, FrozenDictionary<string, KeyProperties> versions)
{
    public long ListedAt => listedAt;

    public int Count => versions.Count;

    /// <summary>
    /// Whether a version may be used at a moment: <see cref="KeyStatus.Usable"/> or Disabled; Unknown when it was not listed.
    /// </summary>
    public KeyStatus StatusOf(string version, DateTimeOffset now)
    {
        if (!versions.TryGetValue(version, out var properties)) return KeyStatus.Unknown;
        var compromised = KeyValidity.ReadCompromisedSince(properties.Tags);
        return new KeyValidity(properties.Enabled, properties.NotBefore, properties.ExpiresOn, compromised).Covers(now)
            ? KeyStatus.Usable
            : KeyStatus.Disabled;
    }
}
