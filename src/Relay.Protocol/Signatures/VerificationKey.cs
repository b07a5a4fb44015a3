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
/// Parameters: signatures of 64, 96, 132 bytes (ECDSA, r then s) or as long as the modulus (RSA, salt as long as the hash).
/// </remarks>
public sealed class VerificationKey : IDisposable
{
    private readonly HandlePool<ECDsa>? _ec;
    private readonly HandlePool<RSA>? _rsa;
    private readonly int _signatureSize;

    private VerificationKey(PublicJwk jwk)
    {
        Public = jwk;
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

    /// <summary>
    /// Takes an EC public key (P-256, P-384, P-521; the point is checked to be on the curve) or an RSA one (2048 to 4096 bits).
    /// </summary>
    /// <param name="jwk">The key.</param>
    /// <param name="key">Null when false; the caller disposes it.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryCreate(PublicJwk jwk, [NotNullWhen(true)] out VerificationKey? key, out string error)
    {
        ArgumentNullException.ThrowIfNull(jwk);
        key = null;
        if (!jwk.Use.MayVerify)
        {
            error = "expected a key for verifying signatures, its 'use' or 'key_ops' say otherwise";
            return false;
        }
        var created = new VerificationKey(jwk);
        if (jwk.Use.Algorithm is { } name && !(JwsAlgorithms.TryParse(name, out var only) && created.Accepts(only)))
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
    /// True when the key fixes or allows <paramref name="algorithm"/>: EC exactly one, RSA the three PS ones, or the one its JWK names.
    /// </summary>
    public bool Accepts(JwsAlgorithm algorithm) =>
        Fits(algorithm) && (Public.Use.Algorithm is null || Public.Use.Algorithm == algorithm.Name());

    /// <summary>Verifies a signature over <paramref name="data"/>, which is hashed here.</summary>
    public SignatureFault Verify(JwsAlgorithm algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!Accepts(algorithm)) return SignatureFault.AlgorithmMismatch;
        if (signature.Length != _signatureSize) return SignatureFault.WrongLength;
        Span<byte> buffer = stackalloc byte[SHA512.HashSizeInBytes];
        var hash = buffer[..algorithm.HashSize()];
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
        JwsAlgorithm.ES256 => Kind == JwkKind.P256,
        JwsAlgorithm.ES384 => Kind == JwkKind.P384,
        JwsAlgorithm.ES512 => Kind == JwkKind.P521,
        JwsAlgorithm.PS256 or JwsAlgorithm.PS384 or JwsAlgorithm.PS512 => Kind == JwkKind.Rsa,
    };

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
