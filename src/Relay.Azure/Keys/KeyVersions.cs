using System.Collections.Frozen;
using Azure.Security.KeyVault.Keys;
using Relay.Core.Verification;

namespace Relay.Azure.Keys;

/// <summary>The versions a key had when the vault was asked, and whether each may be used. Immutable.</summary>
/// <param name="listedAt">Timestamp of the moment the vault was asked.</param>
/// <param name="versions">Attributes by version.</param>
internal sealed class KeyVersions(long listedAt, FrozenDictionary<string, KeyProperties> versions)
{
    public long ListedAt => listedAt;

    public int Count => versions.Count;

    /// <summary>
    /// Whether a version may be used at a moment: <see cref="KeyStatus.Usable"/>, Disabled, NotYetValid or Expired; Unknown when it was not listed.
    /// </summary>
    /// <remarks>Neither the client library's local verify nor the vault's looks at these attributes, so nobody else does.</remarks>
    public KeyStatus StatusOf(string version, DateTimeOffset now)
    {
        if (!versions.TryGetValue(version, out var properties)) return KeyStatus.Unknown;
        // An absent value is not a permission.
        if (properties.Enabled is not true) return KeyStatus.Disabled;
        if (properties.NotBefore is { } notBefore && now < notBefore) return KeyStatus.NotYetValid;
        return properties.ExpiresOn is { } expiresOn && now >= expiresOn ? KeyStatus.Expired : KeyStatus.Usable;
    }
}
