using Relay.Core.Verification;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;

namespace Relay.Core.Ledger.Keys;

/// <summary>Port: the relay's own vault key, which certifies short-lived checkpoint keys.</summary>
public interface ICheckpointCertifier
{
    /// <summary>Signs a certificate with the newest usable version of the relay's key.</summary>
    /// <param name="originPrefix">The relay's name and a slash.</param>
    /// <param name="key">The short-lived key, P-256.</param>
    /// <param name="notBefore">Begin.</param>
    /// <param name="expiresAt">End; at most <see cref="CheckpointKeyCertificate.MaxLifetime"/> later.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when the vault cannot sign now; it does not throw for that.</returns>
    ValueTask<CheckpointKeyCertificate?> CertifyAsync(
        string originPrefix, PublicJwk key, DateTimeOffset notBefore, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>
    /// Looks up the public key of any version the relay's key ever had,
    /// disabled and expired ones too: old heads and receipts stay verifiable.
    /// </summary>
    /// <returns><see cref="KeyStatus.Usable"/> with the key, <see cref="KeyStatus.Unknown"/> for
    /// whatever is no version of the relay's key, or <see cref="KeyStatus.Unavailable"/>.</returns>
    ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken);
}
