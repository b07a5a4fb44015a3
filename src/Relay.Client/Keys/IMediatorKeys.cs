using Relay.Protocol.Keys;

namespace Relay.Client.Keys;

/// <summary>Where a delegation finds the public keys of mediators and relay: their vaults, or a set pinned beforehand.</summary>
public interface IMediatorKeys
{
    /// <summary>Looks up one version of a key, for what is signed now.</summary>
    ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, CancellationToken cancellationToken);

    /// <summary>
    /// Looks up a version for what was signed with it at a time: one that has expired or was
    /// disabled since is as good, so that nobody voids what a key has proved by putting it out of use.
    /// </summary>
    ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset signedAt, CancellationToken cancellationToken);
}
