using Azure.Security.KeyVault.Keys;
using Relay.Checker;
using Relay.Protocol.Keys;

namespace Relay.FaultTests;

/// <summary>The public keys in the relay's vault, each read once.</summary>
internal sealed class RelayKeys(KeyClient vault)
{
    private readonly Dictionary<string, PublicJwk> _known = [];

    /// <summary>Null when the identifier is not one of the relay's key.</summary>
    public ValueTask<PublicJwk?> FindAsync(string id, CancellationToken cancellationToken) => FindAsync(id, true, cancellationToken);

    /// <summary>Null when the identifier is not one of a mediator's key.</summary>
    public async ValueTask<DatedKey?> FindMediatorAsync(string id, CancellationToken cancellationToken) =>
        await FindAsync(id, false, cancellationToken) is { } key ? new DatedKey(key, null, null, null) : null;

    private async ValueTask<PublicJwk?> FindAsync(string id, bool ofRelay, CancellationToken cancellationToken)
    {
        if (!KeyIdentifier.TryParse(id, out var key) || key.Name == "relay-checkpoint" != ofRelay) return null;
        if (_known.TryGetValue(id, out var known)) return known;
        KeyVaultKey read = await vault.GetKeyAsync(key.Name, key.Version, cancellationToken);
        using var ecdsa = read.Key.ToECDsa();
        return PublicJwk.TryCreate(ecdsa.ExportParameters(false), id, out var jwk, out _) ? _known[id] = jwk : null;
    }
}
