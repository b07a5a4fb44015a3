using Relay.Protocol.Keys;

namespace Relay.Client.Keys;

/// <summary>Where a delegation finds the public keys of mediators and relay: their vaults, or a set pinned beforehand.</summary>
public interface IMediatorKeys
{
    /// <summary>Looks up one version of a key.</summary>
    /// <param name="identifier">With version.</param>
    /// <param name="signedAt">
    /// When it signed what it is looked up for: one that has expired or was disabled since is as good, so that nobody voids
    /// what a key has proved by putting it out of use. Null for what is signed now.
    /// </param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken);
}
