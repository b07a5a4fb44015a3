using Relay.Protocol.Keys;

namespace Relay.Protocol.Sealing;

/// <summary>
/// HPKE with MLKEM768-P256, SHAKE256 and AES-256-GCM in base mode, one message a context: what <c>alg</c> HPKE-8-KE encrypts a content key
/// with. A port, because the base class library has no ML-KEM on every platform, and whoever opens no content needs none:
/// Relay.Protocol.Hybrid implements it. Safe for concurrent use.
/// </summary>
/// <remarks>References: draft-ietf-hpke-hpke, draft-ietf-hpke-pq, draft-skokan-jose-hpke-pq-pqt-01. HPKE's <c>aad</c> is empty.</remarks>
public interface IHpkeKeyEncryption
{
    /// <summary>Encrypts to a key.</summary>
    /// <param name="recipient">Of kind <see cref="JwkKind.MlKem768P256"/>.</param>
    /// <param name="info">HPKE's <c>info</c>.</param>
    /// <param name="contentKey">What is encrypted.</param>
    /// <param name="encapsulation">Takes the encapsulated secret, <see cref="HybridKey.EncapsulationSize"/> bytes.</param>
    /// <param name="encryptedKey">Takes the ciphertext and its tag: 16 bytes longer than <paramref name="contentKey"/>.</param>
    /// <exception cref="ArgumentException">The key is of another kind, or a size is wrong.</exception>
    void Encrypt(
        PublicJwk recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> contentKey, Span<byte> encapsulation, Span<byte> encryptedKey);

    /// <summary>Decrypts. Never throws on bad input.</summary>
    /// <param name="key">Of kind <see cref="JwkKind.MlKem768P256"/>.</param>
    /// <param name="info">HPKE's <c>info</c>.</param>
    /// <param name="encapsulation">The encapsulated secret, of any length.</param>
    /// <param name="encryptedKey">The ciphertext and its tag, of any length.</param>
    /// <param name="contentKey">Takes what was encrypted; wiped when false.</param>
    /// <returns>False when a size is wrong, the point is off its curve, the tag does not fit, or the key's parts do not belong
    /// together.</returns>
    /// <exception cref="ArgumentException">The key is of another kind.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    bool TryDecrypt(
        PrivateJwk key, ReadOnlySpan<byte> info, ReadOnlySpan<byte> encapsulation, ReadOnlySpan<byte> encryptedKey, Span<byte> contentKey);
}
