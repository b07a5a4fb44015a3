using Relay.Protocol.Keys;

namespace Relay.Protocol.Sealing;

/// <summary>One recipient of a JWE as read.</summary>
/// <param name="KeyId"><c>kid</c> of the recipient's key.</param>
/// <param name="Algorithm">How it gets the content key.</param>
/// <param name="EncryptedKey">40 bytes, 48 for a hybrid key; empty when direct.</param>
/// <param name="EphemeralKey">The sender's ephemeral P-256 key, checked to be on the curve; null exactly for a hybrid key.</param>
/// <param name="Encapsulation">HPKE's encapsulated secret, its point checked to be on the curve; null but for a hybrid key.</param>
internal sealed record JweRecipient(
    string KeyId, JweAlgorithm Algorithm, byte[] EncryptedKey, PublicJwk? EphemeralKey, byte[]? Encapsulation)
{
    /// <summary>ECDH-ES: the agreed key is the content key.</summary>
    public bool IsDirect => Algorithm == JweAlgorithm.Direct;

    /// <summary>True when that key is for this algorithm.</summary>
    public bool Fits(PublicJwk key) => key.MayReceive && JweNames.For(key, IsDirect) == Algorithm;
}
