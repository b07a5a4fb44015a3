using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;

namespace Relay.Protocol.Signatures;

/// <summary>
/// A public key that verifies signatures; safe to use from many threads.
/// Its owner disposes it when it is dropped; a verification that comes
/// later still works, only slower, because it then makes and frees its own native handle.
/// </summary>
/// <remarks>
/// References: FIPS 186-5 (ECDSA), RFC 8017 section 8.1 (RSASSA-PSS), RFC 7518 sections 3.4 and 3.5.
/// Parameters: signatures of 64, 96, 132 bytes (ECDSA, r then s) or as long as the modulus (RSA, salt as long as the hash); of a batch
/// 105 to 489 bytes (<see cref="BatchSignature"/>), verified once for each root.
/// </remarks>
public sealed class VerificationKey : IDisposable
{
    /// <summary>Batches that are remembered for a key: 1,024, most of a minute of a mediator that signs one each 50 ms.</summary>
    public const int DefaultBatchRoots = 1024;

    private readonly HandlePool<ECDsa>? _ec;
    private readonly HandlePool<RSA>? _rsa;
    private readonly int _signatureSize;

    private VerificationKey(PublicJwk jwk, int batchRoots)
    {
        Public = jwk;
        Roots = new BatchRoots(batchRoots);
        Thumbprint = jwk.Thumbprint();
        if (jwk.Kind == JwkKind.Rsa)
        {
            var parameters = jwk.ToRSAParameters();
            _rsa = new HandlePool<RSA>(() => RSA.Create(parameters));
            _signatureSize = parameters.Modulus!.Length;
        }
        else
        {
            var parameters = jwk.ToECParameters();
            _ec = new HandlePool<ECDsa>(() => ECDsa.Create(parameters));
            _signatureSize = 2 * parameters.Q.X!.Length;
        }
    }

    /// <summary>Key family and curve.</summary>
    public JwkKind Kind => Public.Kind;

    /// <summary>The key itself.</summary>
    public PublicJwk Public { get; }

    /// <summary>SHA-256 thumbprint (RFC 7638): which key this is, whatever it is called.</summary>
    public Digest Thumbprint { get; }

    /// <summary>Batches it is known to have signed.</summary>
    internal BatchRoots Roots { get; }

    /// <summary>
    /// Takes an EC public key (P-256, P-384, P-521; the point is checked to be on the curve) or an RSA one (2048 to 4096 bits).
    /// </summary>
    /// <param name="jwk">The key.</param>
    /// <param name="key">Null when false; the caller disposes it.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryCreate(PublicJwk jwk, [NotNullWhen(true)] out VerificationKey? key, out string error) =>
        TryCreate(jwk, DefaultBatchRoots, out key, out error);

    /// <inheritdoc cref="TryCreate(PublicJwk, out VerificationKey?, out string)"/>
    /// <param name="jwk">The key.</param>
    /// <param name="batchRoots">
    /// How many batches are remembered as signed by the key, so that each costs one verification: 2 or more, about 200 bytes each.
    /// </param>
    /// <param name="key">Null when false; the caller disposes it.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryCreate(PublicJwk jwk, int batchRoots, [NotNullWhen(true)] out VerificationKey? key, out string error)
    {
        ArgumentNullException.ThrowIfNull(jwk);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchRoots, 2);
        key = null;
        if (!jwk.Use.MayVerify || jwk.Kind == JwkKind.MlKem768P256)
        {
            error = "expected a key for verifying signatures, its kind, 'use' or 'key_ops' say otherwise";
            return false;
        }
        var created = new VerificationKey(jwk, batchRoots);
        if (jwk.Use.Algorithm is { } name && !(JwsAlgorithms.TryParse(name, out var only) && only == OfKey(only) && created.Accepts(only)))
        {
            created.Dispose();
            error = $"expected 'alg' to be one for this kind of key, got {Excerpt.Of(name)}";
            return false;
        }
        try
        {
            created.WarmUp();
        }
        catch (CryptographicException e)
        {
            // The values were checked, so this is a key the platform's provider does not take.
            created.Dispose();
            error = $"expected a key that this platform takes: {e.Message}";
            return false;
        }
        key = created;
        error = "";
        return true;
    }

    /// <inheritdoc cref="TryCreate(PublicJwk, out VerificationKey?, out string)"/>
    public static bool TryCreate(ECParameters parameters, [NotNullWhen(true)] out VerificationKey? key, out string error)
    {
        key = null;
        return PublicJwk.TryCreate(parameters, null, out var jwk, out error) && TryCreate(jwk, out key, out error);
    }

    /// <inheritdoc cref="TryCreate(PublicJwk, out VerificationKey?, out string)"/>
    public static bool TryCreate(RSAParameters parameters, [NotNullWhen(true)] out VerificationKey? key, out string error)
    {
        key = null;
        return PublicJwk.TryCreate(parameters, null, out var jwk, out error) && TryCreate(jwk, out key, out error);
    }

    /// <summary>
    /// True when the key fixes or allows <paramref name="algorithm"/>: EC exactly one and on P-256 batches signed with it too, RSA the
    /// three PS ones, or the one its JWK names.
    /// </summary>
    public bool Accepts(JwsAlgorithm algorithm) =>
        Fits(algorithm) && (Public.Use.Algorithm is null || Public.Use.Algorithm == OfKey(algorithm).Name());

    /// <summary>Verifies a signature over <paramref name="data"/>, which is hashed here.</summary>
    public SignatureFault Verify(JwsAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!Accepts(algorithm)) return SignatureFault.AlgorithmMismatch;
        Span<byte> buffer = stackalloc byte[SHA512.HashSizeInBytes];
        var hash = buffer[..algorithm.HashSize()];
        if (algorithm == JwsAlgorithm.MTES256)
        {
            if (!BatchSignature.TryRead(signature, out var batch)) return SignatureFault.MalformedBatch;
            algorithm.Hash(data, hash);
            return VerifyBatch(batch, hash) ? SignatureFault.None : SignatureFault.Invalid;
        }
        if (signature.Length != _signatureSize) return SignatureFault.WrongLength;
        algorithm.Hash(data, hash);
        var valid = _ec is null ? VerifyRsa(algorithm, hash, signature) : VerifyEc(hash, signature);
        return valid ? SignatureFault.None : SignatureFault.Invalid;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ec?.Dispose();
        _rsa?.Dispose();
    }

    /// <summary>The key id and kind, never more.</summary>
    public override string ToString() => $"{Public.KeyId ?? "key without id"} ({Kind})";

    private bool Fits(JwsAlgorithm algorithm) => algorithm switch
    {
        JwsAlgorithm.ES256 or JwsAlgorithm.MTES256 => Kind == JwkKind.P256,
        JwsAlgorithm.ES384 => Kind == JwkKind.P384,
        JwsAlgorithm.ES512 => Kind == JwkKind.P521,
        JwsAlgorithm.PS256 or JwsAlgorithm.PS384 or JwsAlgorithm.PS512 => Kind == JwkKind.Rsa,
    };

    // What the vault does for a batch is an ES256 signature, and that is what a key's own 'alg' says of it.
    private static JwsAlgorithm OfKey(JwsAlgorithm algorithm) => algorithm == JwsAlgorithm.MTES256 ? JwsAlgorithm.ES256 : algorithm;

    private bool VerifyBatch(in BatchSignature batch, ReadOnlySpan<byte> inputHash)
    {
        var root = BatchRoots.Root.Of(batch, batch.FindRoot(inputHash));
        if (Roots.Contains(root)) return true;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        BatchSignature.HashSigned(batch.TreeSize, root.Hash, hash);
        if (!VerifyEc(hash, batch.RootSignature)) return false;
        Roots.Add(root);
        return true;
    }

    private bool VerifyEc(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        var handle = _ec!.Rent();
        try
        {
            return handle.VerifyHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _ec.Return(handle);
        }
    }

    private bool VerifyRsa(JwsAlgorithm algorithm, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        var handle = _rsa!.Rent();
        try
        {
            return handle.VerifyHash(hash, signature, algorithm.HashName(), RSASignaturePadding.Pss);
        }
        finally
        {
            _rsa.Return(handle);
        }
    }

    private void WarmUp()
    {
        if (_ec is not null) _ec.Return(_ec.Rent());
        else _rsa!.Return(_rsa.Rent());
    }
}
