using Relay.Protocol.Keys;

namespace Relay.Protocol.Sealing;

/// <summary>One recipient of a JWE as read.</summary>
/// <param name="KeyId"><c>kid</c> of the recipient's key.</param>
/// <param name="IsDirect">ECDH-ES: the agreed key is the content key.</param>
/// <param name="EncryptedKey">40 bytes; empty when direct.</param>
/// <param name="EphemeralKey">The sender's ephemeral P-256 key, checked to be on the curve.</param>
internal sealed record JweRecipient(string KeyId, bool IsDirect, byte[] EncryptedKey, PublicJwk EphemeralKey);
