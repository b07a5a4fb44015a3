using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;

namespace Relay.Protocol.Signatures;

/// <summary>
/// Signs with a private EC key held in this process: identity keys, and
/// mediators' keys in tests. Safe for concurrent use; the owner disposes it.
/// </summary>
public sealed class LocalSigner : IJwsSigner, IDisposable
{
    private readonly HandlePool<ECDsa> _keys;
    private readonly PublicJwk _public;

    // Computed when first asked for: most signers never are.
    private StrongBox<Digest>? _thumbprint;

    /// <summary>
    /// Takes the key, which must live as long as the signer; its id is
    /// <see cref="PrivateJwk.KeyId"/> unless <paramref name="keyId"/> is given.
    /// </summary>
    public LocalSigner(PrivateJwk key, string? keyId = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        KeyId = keyId ?? key.KeyId;
        Algorithm = key.Kind switch
        {
            JwkKind.P256 => JwsAlgorithm.ES256,
            JwkKind.P384 => JwsAlgorithm.ES384,
            JwkKind.P521 => JwsAlgorithm.ES512,
            JwkKind.Rsa or JwkKind.MlKem768P256 => throw new ArgumentException($"Expected an EC key, got {key.Kind}.", nameof(key)),
        };
        _keys = new HandlePool<ECDsa>(key.CreateECDsa);
        _public = key.Public;
    }

    /// <summary>SHA-256 thumbprint (RFC 7638) of the public half.</summary>
    internal Digest Thumbprint => (_thumbprint ??= new StrongBox<Digest>(_public.Thumbprint())).Value;

    /// <inheritdoc/>
    public string KeyId { get; }

    /// <inheritdoc/>
    public JwsAlgorithm Algorithm { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The hash is not as long as <see cref="Algorithm"/> makes it.</exception>
    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (hash.Length != Algorithm.HashSize())
        {
            throw new ArgumentException($"Expected a hash of {Algorithm.HashSize()} bytes, got {hash.Length}.", nameof(hash));
        }
        var key = _keys.Rent();
        try
        {
            return ValueTask.FromResult(key.SignHash(hash.Span, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        }
        finally
        {
            _keys.Return(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    /// <summary>The key id and nothing else.</summary>
    public override string ToString() => KeyId;
}
