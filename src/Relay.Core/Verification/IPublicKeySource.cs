using Relay.Protocol.Keys;

namespace Relay.Core.Verification;

/// <summary>Port: public keys of mediators and whether they may be used now.</summary>
public interface IPublicKeySource
{
    /// <summary>Finds one version of one key. Completes synchronously while the answer held is young enough.</summary>
    /// <param name="key">A version of a key that the negotiation's document names; never a key the envelope alone names.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken);
}
