namespace Relay.Protocol.Signatures;

/// <summary>A private key that signs hashes, wherever it lives: a Key Vault key for mediators, a delegation's identity key.</summary>
public interface IJwsSigner
{
    /// <summary>
    /// The <c>kid</c> to write: for a mediator the full Key Vault key identifier with version, for an identity key its name (<c>us#1</c>).
    /// </summary>
    string KeyId { get; }

    /// <summary>Fixed by the key.</summary>
    JwsAlgorithm Algorithm { get; }

    /// <summary>Signs a hash.</summary>
    /// <param name="hash">Hash of the signing input by the algorithm's hash function; 32, 48 or 64 bytes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>ECDSA: r then s, fixed length (IEEE P1363); RSA: the PSS signature, salt as long as the hash.</returns>
    ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);
}
