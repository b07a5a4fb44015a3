using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Protocol.Keys;

/// <summary>
/// A private EC key as JWK: a delegation's identity key or a recipient key.
/// The private value is wiped on dispose and never in <c>ToString</c>.
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

    /// <summary>Curve; never <see cref="JwkKind.Rsa"/>.</summary>
    public JwkKind Kind => Public.Kind;

    /// <summary>The public part, same <c>kid</c>.</summary>
    public PublicJwk Public { get; }

    /// <summary>Makes a new key.</summary>
    /// <param name="kind">A curve.</param>
    /// <param name="keyId"><c>kid</c>, 1 to 256 printable ASCII characters.</param>
    /// <exception cref="ArgumentException"><paramref name="kind"/> is RSA or <paramref name="keyId"/> breaks its rule.</exception>
    public static PrivateJwk Generate(JwkKind kind, string keyId)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        var curve = EcCurve.Find(kind) ?? throw new ArgumentException("Expected a curve, got RSA.", nameof(kind));
        using var key = ECDsa.Create(curve.Curve);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        if (!PublicJwk.TryCreate(curve, keyId, parameters.Q.X, parameters.Q.Y, out var publicJwk, out var error))
        {
            throw new ArgumentException(error, nameof(keyId));
        }
        return new PrivateJwk(publicJwk, parameters.D!);
    }

    /// <summary>Reads a private EC JWK with <c>kid</c>; the public point must belong to the private value.</summary>
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

    /// <summary>A new signing key; the caller disposes it.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public ECDsa CreateECDsa() => ECDsa.Create(Parameters());

    /// <summary>A new key agreement key; the caller disposes it.</summary>
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
        if (fields.Text("kty") != "EC" || fields.Text("kid") is null)
        {
            error = "expected a private EC key with 'kid', got RSA or no 'kid'";
            return false;
        }
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
        jwk = new PrivateJwk(publicJwk, privateValue);
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
