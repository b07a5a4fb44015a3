using Relay.Protocol.Keys;

namespace Relay.Client.Keys;

/// <summary>Where a delegation finds mediators' public keys: their vaults, or a set pinned beforehand.</summary>
public interface IMediatorKeys
{
    /// <summary>Looks up one version of a mediator's key.</summary>
    ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, CancellationToken cancellationToken);
}
