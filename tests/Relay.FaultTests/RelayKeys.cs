using Azure.Security.KeyVault.Keys;
using Relay.Protocol.Keys;

namespace Relay.FaultTests;

/// <summary>The public keys of the relay's vault key, each read once.</summary>
internal sealed class RelayKeys(KeyClient vault)
{
    private readonly Dictionary<string, PublicJwk> _known = [];

    /// <summary>Null when the identifier is not one of the relay's key.</summary>
    public async ValueTask<PublicJwk?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!KeyIdentifier.TryParse(id, out var key) || key.Name != "relay-checkpoint") return null;
        if (_known.TryGetValue(id, out var known)) return known;
        KeyVaultKey read = await vault.GetKeyAsync(key.Name, key.Version, cancellationToken);
        using var ecdsa = read.Key.ToECDsa();
        return PublicJwk.TryCreate(ecdsa.ExportParameters(false), id, out var jwk, out _) ? _known[id] = jwk : null;
    }
}
