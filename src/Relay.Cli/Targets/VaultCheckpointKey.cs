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
    internal static ValueTask<PublicJwk?> FindAsync(KeyClient vault, string keyId, CancellationToken cancellationToken) =>
        ReadAsync(vault, keyId, true, cancellationToken);

    /// <summary>Any version of any key of the vault but the relay's own, which vouches for nothing; null when there is none such.</summary>
    internal static ValueTask<PublicJwk?> FindMediatorAsync(KeyClient vault, string keyId, CancellationToken cancellationToken) =>
        ReadAsync(vault, keyId, false, cancellationToken);

    private static async ValueTask<PublicJwk?> ReadAsync(
        KeyClient vault, string keyId, bool ofRelay, CancellationToken cancellationToken)
    {
        if (!KeyIdentifier.TryParse(keyId, out var id)
            || KeyIdentifier.TextComparer.Equals(id.Name, CheckpointKey) != ofRelay
            || new Uri(id.Vault) != new Uri(vault.VaultUri.GetLeftPart(UriPartial.Authority) + "/"))
        {
            return null;
        }
        try
        {
            KeyVaultKey key = await vault.GetKeyAsync(id.Name, id.Version, cancellationToken);
            if (key.KeyType == KeyType.Rsa || key.KeyType == KeyType.RsaHsm)
            {
                using var rsa = key.Key.ToRSA();
                return PublicJwk.TryCreate(rsa.ExportParameters(false), keyId, out var modulus, out _) ? modulus : null;
            }
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
