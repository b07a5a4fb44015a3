using System.Collections.Frozen;
using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Client.Keys;

/// <summary>Mediators' keys a delegation has been handed by a way it trusts. No network; the caller owns the keys.</summary>
/// <param name="keys">Keys by full key identifier with version.</param>
public sealed class PinnedMediatorKeys(IReadOnlyDictionary<string, VerificationKey> keys) : IMediatorKeys
{
    private readonly FrozenDictionary<string, VerificationKey> _keys = keys.ToFrozenDictionary(KeyIdentifier.TextComparer);

    /// <inheritdoc/>
    public ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        return ValueTask.FromResult(_keys.TryGetValue(identifier.Text, out var key)
            ? new MediatorKey(SignatureOutcome.Valid, key)
            : new MediatorKey(SignatureOutcome.UnknownKeyVersion, null));
    }
}
