using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Protocol.Keys;

/// <summary>
/// A private key as JWK: EC, a delegation's identity key or a recipient key; or a recipient key of kind <see cref="JwkKind.MlKem768P256"/>,
/// which Relay.Protocol.Hybrid makes and uses. The private value is wiped on dispose and never in <c>ToString</c>.
/// </summary>
public sealed class PrivateJwk : IDisposable
{
    private readonly byte[] _private;
    private bool _disposed;

    private PrivateJwk(PublicJwk publicJwk, byte[] privateValue)
    {
        Public = publicJwk;
        _private = privateValue;
    }

    /// <summary><c>kid</c>.</summary>
    public string KeyId => Public.KeyId!;

    /// <summary>Never <see cref="JwkKind.Rsa"/>.</summary>
    public JwkKind Kind => Public.Kind;

    /// <summary>The public part, same <c>kid</c>.</summary>
    public PublicJwk Public { get; }

    /// <summary>Makes a new key.</summary>
    /// <param name="kind">A curve.</param>
    /// <param name="keyId"><c>kid</c>, 1 to 256 printable ASCII characters.</param>
    /// <exception cref="ArgumentException"><paramref name="kind"/> is no curve or <paramref name="keyId"/> breaks its rule.</exception>
    public static PrivateJwk Generate(JwkKind kind, string keyId)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        var curve = EcCurve.Find(kind) ?? throw new ArgumentException($"Expected a curve, got {kind}.", nameof(kind));
        using var key = ECDsa.Create(curve.Curve);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        if (!PublicJwk.TryCreate(curve, keyId, parameters.Q.X, parameters.Q.Y, out var publicJwk, out var error))
        {
            throw new ArgumentException(error, nameof(keyId));
        }
        return new PrivateJwk(publicJwk, parameters.D!);
    }

    /// <summary>Puts together a key of kind <see cref="JwkKind.MlKem768P256"/>. Whether its parts belong together is for who made
    /// it.</summary>
    /// <param name="keyId"><c>kid</c>, 1 to 256 printable ASCII characters.</param>
    /// <param name="publicKey"><see cref="HybridKey.PublicSize"/> bytes.</param>
    /// <param name="seed"><see cref="HybridKey.SeedSize"/> bytes; copied.</param>
    /// <exception cref="ArgumentException">One of the three breaks its rule.</exception>
    public static PrivateJwk CreateHybrid(string keyId, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> seed)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, HybridKey.SeedSize, nameof(seed));
        return PublicJwk.TryCreate(publicKey, keyId, out var publicJwk, out var error)
            ? new PrivateJwk(publicJwk, seed.ToArray())
            : throw new ArgumentException(error, nameof(publicKey));
    }

    /// <summary>Reads a private key.</summary>
    /// <exception cref="InvalidDataException">It is none of a kind that is taken; the message says why, without the key.</exception>
    public static PrivateJwk Parse(ReadOnlySpan<byte> json) =>
        TryParse(json, out var jwk, out var error) ? jwk : throw new InvalidDataException($"Expected a private key as JWK: {error}");

    /// <summary>
    /// Reads a private JWK with <c>kid</c>. The public point of an EC key must belong to the private value; the parts of a hybrid one are
    /// held together where it opens.
    /// </summary>
    /// <param name="json">UTF-8 JSON of at most 8 KiB.</param>
    /// <param name="jwk">Null when false; the caller disposes it.</param>
    /// <param name="error">What was expected, without key material; empty when true.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out PrivateJwk? jwk, out string error)
    {
        jwk = null;
        if (!StrictJsonDocument.TryParse(json, PublicJwk.MaxBytes, out var document, out error)) return false;
        using (document)
        {
            return TryRead(document.RootElement, out jwk, out error);
        }
    }

    /// <summary>The JWK object with its private member, UTF-8 JSON; the caller wipes it.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public byte[] ToJson()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Public.Write(KeyId, _private);
    }

    /// <summary>Copies out the seed of a key of kind <see cref="JwkKind.MlKem768P256"/>; the caller wipes it.</summary>
    /// <param name="seed"><see cref="HybridKey.SeedSize"/> bytes.</param>
    /// <exception cref="InvalidOperationException">The key is of another kind.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void CopySeed(Span<byte> seed)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Kind != JwkKind.MlKem768P256)
        {
            throw new InvalidOperationException($"Expected an {HybridKey.Algorithm} key, this one is {Kind}.");
        }
        _private.CopyTo(seed);
    }

    /// <summary>A new signing key; the caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">The key is not EC.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public ECDsa CreateECDsa() => ECDsa.Create(Parameters());

    /// <summary>A new key agreement key; the caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">The key is not EC.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public ECDiffieHellman CreateECDiffieHellman() => ECDiffieHellman.Create(Parameters());

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_private);
    }

    /// <summary>The key id and nothing else.</summary>
    public override string ToString() => KeyId;

    private static bool TryRead(JsonElement element, [NotNullWhen(true)] out PrivateJwk? jwk, out string error)
    {
        jwk = null;
        var fields = new JwkFields(element);
        if (!fields.TryCheckType(out error)) return false;
        if (fields.Text("kty") is not ("EC" or "AKP") || fields.Text("kid") is null)
        {
            error = "expected a private EC or AKP key with 'kid', got RSA or no 'kid'";
            return false;
        }
        return fields.Text("kty") == "EC" ? TryReadCurve(fields, out jwk, out error) : TryReadHybrid(fields, out jwk, out error);
    }

    private static bool TryReadHybrid(JwkFields fields, [NotNullWhen(true)] out PrivateJwk? jwk, out string error)
    {
        jwk = null;
        if (!PublicJwk.TryCreate(fields.Bytes("pub"), fields.Text("kid"), out var publicJwk, out error)) return false;
        var seed = fields.Bytes("priv");
        if (seed?.Length != HybridKey.SeedSize)
        {
            CryptographicOperations.ZeroMemory(seed);
            error = $"expected 'priv' of {HybridKey.SeedSize} bytes, got something else";
            return false;
        }
        jwk = new PrivateJwk(publicJwk.For(fields.Use()), seed);
        return true;
    }

    private static bool TryReadCurve(JwkFields fields, [NotNullWhen(true)] out PrivateJwk? jwk, out string error)
    {
        jwk = null;
        var curve = EcCurve.Find(fields.Text("crv"))!;
        if (!PublicJwk.TryCreate(curve, fields.Text("kid"), fields.Bytes("x"), fields.Bytes("y"), out var publicJwk, out error))
        {
            return false;
        }
        var privateValue = fields.Bytes("d");
        if (privateValue?.Length != curve.Size || !Belongs(publicJwk, privateValue))
        {
            CryptographicOperations.ZeroMemory(privateValue);
            error = $"expected 'd' of {curve.Size} bytes that belongs to the point, got something else";
            return false;
        }
        jwk = new PrivateJwk(publicJwk.For(fields.Use()), privateValue);
        return true;
    }

    private static bool Belongs(PublicJwk publicJwk, byte[] privateValue)
    {
        var expected = publicJwk.ToECParameters();
        try
        {
            using var key = ECDsa.Create(new ECParameters { Curve = expected.Curve, D = privateValue });
            var derived = key.ExportParameters(includePrivateParameters: false).Q;
            return derived.X.AsSpan().SequenceEqual(expected.Q.X) && derived.Y.AsSpan().SequenceEqual(expected.Q.Y);
        }
        catch (CryptographicException)
        {
            // Zero, or not below the order.
            return false;
        }
    }

    // Lends this object's own array: the provider copies it at import, and no second managed copy is left behind.
    private ECParameters Parameters()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var parameters = Public.ToECParameters();
        parameters.D = _private;
        return parameters;
    }
}
