using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Protocol.Keys;

/// <summary>
/// A public key as JWK (RFC 7517): EC P-256, P-384, P-521, RSA, or ML-KEM-768 beside P-256. Immutable; an EC point has been checked to be
/// on its curve, and ML-KEM's coefficients to be below the modulus.
/// </summary>
public sealed class PublicJwk
{
    /// <summary>Longest JWK text read: 8 KiB.</summary>
    public const int MaxBytes = 8 * 1024;

    /// <summary>Longest <c>kid</c>: 256 characters.</summary>
    public const int MaxKeyIdLength = 256;

    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 4096;

    // EC: x and y. RSA: n and e. ML-KEM-768 beside P-256: the key, and nothing.
    private readonly byte[] _first;
    private readonly byte[] _second;

    private PublicJwk(JwkKind kind, string? keyId, byte[] first, byte[] second)
    {
        Kind = kind;
        KeyId = keyId;
        _first = first;
        _second = second;
    }

    /// <summary><c>kid</c>; null when absent.</summary>
    public string? KeyId { get; }

    /// <summary>Key family and curve.</summary>
    public JwkKind Kind { get; }

    /// <summary>What the JWK it was read from allows; nothing said allows all.</summary>
    internal JwkUse Use { get; private init; } = JwkUse.Any;

    /// <summary>True when content can be encrypted for it: the kind is one for that, and the JWK does not speak against it.</summary>
    public bool MayReceive => Kind is JwkKind.P256 or JwkKind.MlKem768P256 && Use.MayAgree;

    /// <summary>
    /// Reads a JWK object (UTF-8 JSON). A JWK with private members, another type or curve, or a point off its curve is refused.
    /// </summary>
    /// <param name="json">At most <see cref="MaxBytes"/>.</param>
    /// <param name="jwk">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out PublicJwk? jwk, out string error)
    {
        jwk = null;
        if (!StrictJsonDocument.TryParse(json, MaxBytes, out var document, out error)) return false;
        using (document)
        {
            return TryRead(document.RootElement, out jwk, out error);
        }
    }

    /// <summary>Takes the public part of EC parameters.</summary>
    /// <param name="parameters">A named curve and a point; <c>D</c> is ignored.</param>
    /// <param name="keyId"><c>kid</c> or null.</param>
    /// <param name="jwk">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryCreate(ECParameters parameters, string? keyId, [NotNullWhen(true)] out PublicJwk? jwk, out string error)
    {
        jwk = null;
        var curve = EcCurve.Find(parameters.Curve);
        if (curve is null)
        {
            error = "expected a key on P-256, P-384 or P-521, got another curve";
            return false;
        }
        return TryCreate(curve, keyId, parameters.Q.X, parameters.Q.Y, out jwk, out error);
    }

    /// <summary>Takes the public part of RSA parameters.</summary>
    /// <param name="parameters">Modulus of 2048 to 4096 bits, odd exponent of at least 65537 in at most 4 bytes; big endian.</param>
    /// <param name="keyId"><c>kid</c> or null.</param>
    /// <param name="jwk">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryCreate(RSAParameters parameters, string? keyId, [NotNullWhen(true)] out PublicJwk? jwk, out string error)
    {
        jwk = null;
        var modulus = TrimZeros(parameters.Modulus);
        var exponent = TrimZeros(parameters.Exponent);
        if (!IsKeyId(keyId, out error)) return false;
        if (modulus.Length is < MinRsaBits / 8 or > MaxRsaBits / 8
            || (modulus.Length == MinRsaBits / 8 && modulus[0] < 0x80)
            || (modulus[^1] & 1) == 0)
        {
            error = $"expected an odd RSA modulus of {MinRsaBits} to {MaxRsaBits} bits, got {modulus.Length * 8L} bits at most";
            return false;
        }
        if (exponent.Length is < 3 or > 4 || (exponent[^1] & 1) == 0)
        {
            error = "expected an odd RSA exponent from 65537 to 2^32-1, got another";
            return false;
        }
        jwk = new PublicJwk(JwkKind.Rsa, keyId, modulus.ToArray(), exponent.ToArray());
        return true;
    }

    /// <summary>Takes what a vault handed over.</summary>
    /// <param name="members">As they came.</param>
    /// <param name="keyId"><c>kid</c> or null.</param>
    /// <param name="jwk">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryCreate(KeyMembers members, string? keyId, [NotNullWhen(true)] out PublicJwk? jwk, out string error)
    {
        ArgumentNullException.ThrowIfNull(members);
        jwk = null;
        bool created;
        PublicJwk? read;
        switch (members.Type)
        {
            case "EC" or "EC-HSM" when EcCurve.Find(members.Curve) is { } curve:
                created = TryCreate(curve, keyId, ToLength(members.X, curve.Size), ToLength(members.Y, curve.Size), out read, out error);
                break;
            case "EC" or "EC-HSM":
                error = "expected curve P-256, P-384 or P-521, got another";
                return false;
            case "RSA" or "RSA-HSM":
                created = TryCreate(
                    new RSAParameters { Modulus = members.Modulus, Exponent = members.Exponent }, keyId, out read, out error);
                break;
            default:
                error = "expected an EC or RSA key, got another kind";
                return false;
        }

        var mayVerify = members.Operations.Count == 0 || members.Operations.Contains("verify", StringComparer.Ordinal);
        if (created) jwk = new PublicJwk(read!.Kind, keyId, read._first, read._second) { Use = JwkUse.Any with { MayVerify = mayVerify } };
        return created;
    }

    /// <summary>The JWK object, UTF-8 JSON without white space.</summary>
    public byte[] ToJson() => Write(KeyId, null);

    /// <summary>SHA-256 thumbprint (RFC 7638).</summary>
    public Digest Thumbprint()
    {
        // Required members only, in lexicographic order, no white space.
        var first = StrictBase64Url.Encode(_first);
        var second = StrictBase64Url.Encode(_second);
        var text = Kind switch
        {
            JwkKind.P256 or JwkKind.P384 or JwkKind.P521 =>
                $$"""{"crv":"{{EcCurve.Find(Kind)!.Name}}","kty":"EC","x":"{{first}}","y":"{{second}}"}""",
            JwkKind.Rsa => $$"""{"e":"{{second}}","kty":"RSA","n":"{{first}}"}""",
            JwkKind.MlKem768P256 => $$"""{"alg":"{{HybridKey.Algorithm}}","kty":"AKP","pub":"{{first}}"}""",
        };
        return Digest.Of(System.Text.Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Public EC parameters with copies of the coordinates.</summary>
    /// <exception cref="InvalidOperationException">The key is of another kind.</exception>
    public ECParameters ToECParameters()
    {
        var curve = EcCurve.Find(Kind) ?? throw new InvalidOperationException($"Expected an EC key, this one is {Kind}.");
        return new ECParameters { Curve = curve.Curve, Q = new ECPoint { X = [.. _first], Y = [.. _second] } };
    }

    /// <summary>Public RSA parameters with copies.</summary>
    /// <exception cref="InvalidOperationException">The key is of another kind.</exception>
    public RSAParameters ToRSAParameters()
    {
        if (Kind != JwkKind.Rsa) throw new InvalidOperationException($"Expected an RSA key, this one is {Kind}.");
        return new RSAParameters { Modulus = [.. _first], Exponent = [.. _second] };
    }

    /// <summary>A copy of a key of kind <see cref="JwkKind.MlKem768P256"/>: <see cref="HybridKey.PublicSize"/> bytes.</summary>
    /// <exception cref="InvalidOperationException">The key is of another kind.</exception>
    public byte[] ToHybridBytes() => Kind == JwkKind.MlKem768P256
        ? [.. _first]
        : throw new InvalidOperationException($"Expected an {HybridKey.Algorithm} key, this one is {Kind}.");

    /// <summary>The key id and kind.</summary>
    public override string ToString() => $"{KeyId ?? "key without id"} ({Kind})";

    internal static bool TryRead(JsonElement element, [NotNullWhen(true)] out PublicJwk? jwk, out string error)
    {
        jwk = null;
        var fields = new JwkFields(element);
        if (!fields.TryCheckPublic(out error)) return false;
        var keyId = fields.Text("kid");
        PublicJwk? read;
        var created = fields.Text("kty") switch
        {
            "RSA" => TryCreate(
                new RSAParameters { Modulus = fields.Bytes("n"), Exponent = fields.Bytes("e") }, keyId, out read, out error),
            "AKP" => TryCreate(fields.Bytes("pub"), keyId, out read, out error),
            _ => TryCreate(EcCurve.Find(fields.Text("crv"))!, keyId, fields.Bytes("x"), fields.Bytes("y"), out read, out error),
        };
        if (created) jwk = new PublicJwk(read!.Kind, keyId, read._first, read._second) { Use = fields.Use() };
        return created;
    }

    internal static bool TryCreate(
        EcCurve curve, string? keyId, byte[]? x, byte[]? y, [NotNullWhen(true)] out PublicJwk? jwk, out string error)
    {
        jwk = null;
        if (!IsKeyId(keyId, out error)) return false;
        if (!curve.Contains(x, y))
        {
            error = $"expected a point on {curve.Name} with coordinates of {curve.Size} bytes, got something else";
            return false;
        }
        jwk = new PublicJwk(curve.Kind, keyId, [.. x!], [.. y!]);
        return true;
    }

    /// <summary>Takes a key of kind <see cref="JwkKind.MlKem768P256"/>.</summary>
    internal static bool TryCreate(
        ReadOnlySpan<byte> hybrid, string? keyId, [NotNullWhen(true)] out PublicJwk? jwk, out string error)
    {
        jwk = null;
        if (!IsKeyId(keyId, out error)) return false;
        if (!HybridKey.IsPublicKey(hybrid))
        {
            error =
                $"expected 'pub' of {HybridKey.PublicSize} bytes, coefficients below the modulus and a point on P-256, got something else";
            return false;
        }
        jwk = new PublicJwk(JwkKind.MlKem768P256, keyId, hybrid.ToArray(), []);
        return true;
    }

    /// <summary>The same key as the public part of a private JWK: its operations are the private key's, so of its use only receiving is
    /// taken.</summary>
    internal PublicJwk For(JwkUse use) => new(Kind, KeyId, _first, _second) { Use = JwkUse.Any with { MayAgree = use.MayAgree } };

    // RFC 7518 section 6.2.1.2 wants the full length; a vault that drops leading zeros is met half way.
    private static byte[]? ToLength(byte[]? coordinate, int size)
    {
        if (coordinate is null || coordinate.Length >= size) return coordinate;
        var padded = new byte[size];
        coordinate.CopyTo(padded, size - coordinate.Length);
        return padded;
    }

    internal byte[] Write(string? keyId, ReadOnlySpan<byte> privateValue)
    {
        using var stream = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            WriteTo(json, keyId, privateValue);
        }
        var bytes = stream.ToArray();
        CryptographicOperations.ZeroMemory(stream.GetBuffer());
        return bytes;
    }

    internal void WriteTo(Utf8JsonWriter json, string? keyId, ReadOnlySpan<byte> privateValue)
    {
        json.WriteStartObject();
        switch (Kind)
        {
            case JwkKind.P256 or JwkKind.P384 or JwkKind.P521:
                json.WriteString("kty"u8, "EC"u8);
                json.WriteString("crv"u8, EcCurve.Find(Kind)!.Name);
                json.WriteString("x"u8, StrictBase64Url.EncodeToUtf8(_first));
                json.WriteString("y"u8, StrictBase64Url.EncodeToUtf8(_second));
                break;
            case JwkKind.Rsa:
                json.WriteString("kty"u8, "RSA"u8);
                json.WriteString("n"u8, StrictBase64Url.EncodeToUtf8(_first));
                json.WriteString("e"u8, StrictBase64Url.EncodeToUtf8(_second));
                break;
            case JwkKind.MlKem768P256:
                json.WriteString("kty"u8, "AKP"u8);
                json.WriteString("alg"u8, HybridKey.Algorithm);
                json.WriteString("pub"u8, StrictBase64Url.EncodeToUtf8(_first));
                break;
        }
        if (!privateValue.IsEmpty)
        {
            var text = StrictBase64Url.EncodeToUtf8(privateValue);
            json.WriteString(Kind == JwkKind.MlKem768P256 ? "priv"u8 : "d"u8, text);
            CryptographicOperations.ZeroMemory(text);
        }
        if (keyId is not null) json.WriteString("kid"u8, keyId);
        json.WriteEndObject();
    }

    internal static bool IsKeyId(string? keyId, out string error)
    {
        var fits = keyId is null || (keyId.Length is > 0 and <= MaxKeyIdLength && !keyId.AsSpan().ContainsAnyExceptInRange('!', '~'));
        error = fits ? "" : $"expected 'kid' to be 1 to {MaxKeyIdLength} printable ASCII characters without spaces, got something else";
        return fits;
    }

    private static ReadOnlySpan<byte> TrimZeros(byte[]? value) => value.AsSpan().TrimStart((byte)0);
}
