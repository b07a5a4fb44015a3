using Azure;
using Azure.Security.KeyVault.Keys;
using Relay.Azure.Keys;
using Relay.Local.Topology;

namespace Relay.Local;

/// <summary>Official Key Vault clients for the emulator of a local stack; they trust its certificate and no other.</summary>
public static class LocalVault
{
    /// <summary>A client that speaks as <paramref name="principal"/>.</summary>
    public static KeyClient Open(LocalEndpoints endpoints, string principal, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return KeyClients.Create(endpoints.Vault, new LocalCredential(principal, time), endpoints.VaultThumbprint);
    }

    /// <summary>Makes a new P-256 signing key, or a new version of one.</summary>
    public static async Task<KeyVaultKey> CreateSigningKeyAsync(KeyClient vault, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        var options = new CreateEcKeyOptions(name)
        {
            CurveName = KeyCurveName.P256,
            KeyOperations = { KeyOperation.Sign, KeyOperation.Verify },
        };
        return await vault.CreateEcKeyAsync(options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes a key of the topology unless there is one of its name. Rotation and expiry are the cloud's: a local key has neither.
    /// </summary>
    internal static async Task EnsureKeyAsync(KeyClient vault, KeyEntity key, CancellationToken cancellationToken)
    {
        try
        {
            await vault.GetKeyAsync(key.Name, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            var options = new CreateEcKeyOptions(key.Name) { CurveName = new KeyCurveName(key.Curve) };
            foreach (var operation in key.Operations)
            {
                options.KeyOperations.Add(new KeyOperation(operation));
            }

            await vault.CreateEcKeyAsync(options, cancellationToken).ConfigureAwait(false);
        }
    }
}
