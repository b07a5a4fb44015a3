using System.Security.Cryptography;
using Azure;
using Azure.Security.KeyVault.Keys;
using Relay.Protocol.Keys;

namespace Relay.Cli.Targets;

/// <summary>The relay's key in the vault in use, by which the certificates of its checkpoint keys are checked.</summary>
internal static class VaultCheckpointKey
{
    private const string CheckpointKey = "relay-checkpoint";

    /// <summary>Any version of the vault's checkpoint key, and of no other: null then.</summary>
    internal static async ValueTask<PublicJwk?> FindAsync(KeyClient vault, string keyId, CancellationToken cancellationToken)
    {
        if (!KeyIdentifier.TryParse(keyId, out var id)
            || !KeyIdentifier.TextComparer.Equals(id.Name, CheckpointKey)
            || new Uri(id.Vault) != new Uri(vault.VaultUri.GetLeftPart(UriPartial.Authority) + "/"))
        {
            return null;
        }
        try
        {
            KeyVaultKey key = await vault.GetKeyAsync(id.Name, id.Version, cancellationToken);
            using var ecdsa = key.Key.ToECDsa();
            return PublicJwk.TryCreate(ecdsa.ExportParameters(false), keyId, out var jwk, out _) ? jwk : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
