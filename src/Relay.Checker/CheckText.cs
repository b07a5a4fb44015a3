using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>The small texts of a ledger, read by rules of the checker's own: names, ids, numbers, digests.</summary>
internal static partial class CheckText
{
    public static bool IsName(string text) => Name().IsMatch(text);

    /// <summary>Segments of 1 to 200 of <c>[a-z0-9._-]</c>, none of which ends with a dot, 512 characters in all.</summary>
    public static bool IsBlobName(string text) => text.Length <= 512 && BlobName().IsMatch(text);

    /// <summary>Base64 with padding, of 32 bytes, in its one spelling.</summary>
    public static bool TryDigest(string base64, out Digest digest)
    {
        digest = default;
        Span<byte> bytes = stackalloc byte[Digest.Size];
        if (base64.Length != 44 || !Convert.TryFromBase64String(base64, bytes, out var written) || written != Digest.Size) return false;
        digest = new Digest(bytes);
        return Convert.ToBase64String(bytes) == base64;
    }

    /// <summary>Base64 with padding, in its one spelling; null when it is not.</summary>
    public static byte[]? Base64(string text)
    {
        var bytes = new byte[text.Length / 4 * 3];
        return Convert.TryFromBase64String(text, bytes, out var written) && Convert.ToBase64String(bytes, 0, written) == text
            ? bytes[..written]
            : null;
    }

    /// <summary>base64url without padding; null when it is not.</summary>
    public static byte[]? Base64Url(string text)
    {
        try
        {
            return text.Contains('=') ? null : System.Buffers.Text.Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public static bool TryUrlDigest(string? text, out Digest digest)
    {
        digest = default;
        if (text is null || Base64Url(text) is not { Length: Digest.Size } bytes) return false;
        digest = new Digest(bytes);
        return true;
    }

    /// <summary>Decimal without sign and leading zeros.</summary>
    public static bool TryNumber(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && text == value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A P-256 key.</summary>
    /// <exception cref="KeyNotFoundException">It is something else.</exception>
    public static ECParameters ReadP256(JsonElement jwk)
    {
        if (jwk.GetProperty("kty").GetString() != "EC" || jwk.GetProperty("crv").GetString() != "P-256") throw new KeyNotFoundException();
        return new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint
            {
                X = Base64Url(jwk.GetProperty("x").GetString() ?? ""),
                Y = Base64Url(jwk.GetProperty("y").GetString() ?? ""),
            },
        };
    }

    /// <summary>A key of ML-KEM-768 beside P-256: its size, its coefficients, and that its point is not compressed.</summary>
    /// <exception cref="KeyNotFoundException">It is something else.</exception>
    public static void RequireHybrid(JsonElement jwk)
    {
        const int Modulus = 3329;
        var key = Base64Url(jwk.GetProperty("pub").GetString() ?? "") ?? [];
        if (jwk.GetProperty("alg").GetString() != "HPKE-8-KE" || key.Length != 1249 || key[1184] != 4) throw new KeyNotFoundException();
        for (var i = 0; i < 1152; i += 3)
        {
            var (low, high) = (key[i] | (key[i + 1] & 15) << 8, key[i + 1] >> 4 | key[i + 2] << 4);
            if (low >= Modulus || high >= Modulus) throw new KeyNotFoundException();
        }
    }

    public static string Hex(Digest digest) => Convert.ToHexStringLower(digest.ToArray());

    /// <summary><c>{negotiation}/{sender}/{lane}/{sequence}</c>.</summary>
    public static bool TryId(
        string text, [NotNullWhen(true)] out string? negotiation, [NotNullWhen(true)] out string? stream, out long sequence)
    {
        (negotiation, stream, sequence) = (null, null, 0);
        var parts = text.Split('/');
        if (parts.Length != 4 || !IsName(parts[0]) || !IsName(parts[1]) || parts[2] is not ("normal" or "urgent")) return false;
        if (!TryNumber(parts[3], out sequence) || sequence < 1) return false;
        (negotiation, stream) = (parts[0], $"{parts[1]}-{parts[2]}");
        return true;
    }

    // \z, not $: a newline at the end is no part of a name.
    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,49}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^(?![^/]{201})[a-z0-9._-]*[a-z0-9_-](/(?![^/]{201})[a-z0-9._-]*[a-z0-9_-])*\z")]
    private static partial Regex BlobName();
}
