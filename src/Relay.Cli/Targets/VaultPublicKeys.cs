using Azure;
using Azure.Security.KeyVault.Keys;
using Relay.Checker;
using Relay.Client.KeyVault;
using Relay.Protocol.Keys;

namespace Relay.Cli.Targets;

/// <summary>Public keys in the vault in use, the relay's and the mediators'.</summary>
internal static class VaultPublicKeys
{
    /// <summary>Name of the relay's key, which certifies its checkpoint keys.</summary>
    public const string RelayKey = "relay-checkpoint";

    /// <summary>True of a version that the vault has, withdrawn as compromised.</summary>
    public static async ValueTask<bool> IsWithdrawnAsync(KeyClient vault, string keyId, CancellationToken cancellationToken)
    {
        if (!KeyIdentifier.TryParse(keyId, out var id)) return false;
        KeyVaultKey key = await vault.GetKeyAsync(id.Name, id.Version, cancellationToken);
        return KeyValidity.ReadCompromisedSince(key.Properties.Tags) is not null;
    }

    /// <summary>Any version of the relay's key, and of no other: null then.</summary>
    public static async ValueTask<PublicJwk?> FindAsync(KeyClient vault, string keyId, CancellationToken cancellationToken) =>
        (await FindAsync(vault, keyId, true, cancellationToken))?.Jwk;

    /// <summary>Any version of any key of the vault but the relay's own, which vouches for nothing; null when there is none such.</summary>
    public static ValueTask<DatedKey?> FindMediatorAsync(KeyClient vault, string keyId, CancellationToken cancellationToken) =>
        FindAsync(vault, keyId, false, cancellationToken);

    /// <summary>
    /// The public half as JWK whose <c>kid</c> is the full identifier; null when it is no key of a signature that the relay takes.
    /// </summary>
    public static PublicJwk? Read(KeyVaultKey key) => Read(key, key.Id.AbsoluteUri);

    private static async ValueTask<DatedKey?> FindAsync(KeyClient vault, string keyId, bool ofRelay, CancellationToken cancellationToken)
    {
        if (!KeyIdentifier.TryParse(keyId, out var id)
            || KeyIdentifier.TextComparer.Equals(id.Name, RelayKey) != ofRelay
            || new Uri(id.Vault) != new Uri(vault.VaultUri.GetLeftPart(UriPartial.Authority) + "/"))
        {
            return null;
        }
        try
        {
            KeyVaultKey key = await vault.GetKeyAsync(id.Name, id.Version, cancellationToken);
            return Read(key, keyId) is { } jwk ? Date(jwk, ValidityOf(key.Properties)) : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>The key with its time, as the checker of ledgers takes it.</summary>
    public static DatedKey Date(PublicJwk jwk, KeyValidity validity) =>
        new(jwk, validity.NotBefore, validity.ExpiresOn, validity.CompromisedSince);

    private static KeyValidity ValidityOf(KeyProperties properties) => new(
        properties.Enabled, properties.NotBefore, properties.ExpiresOn, KeyValidity.ReadCompromisedSince(properties.Tags));

    private static PublicJwk? Read(KeyVaultKey key, string keyId) => VaultKeys.TryRead(key, keyId, out var jwk, out _) ? jwk : null;
}
