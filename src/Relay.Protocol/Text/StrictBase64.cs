using System.Buffers;
using System.Buffers.Text;

namespace Relay.Protocol.Text;

/// <summary>
/// Standard base64 with padding as the C2SP log formats have it (RFC 4648
/// section 4), one text per value: no white space, unused trailing bits zero.
/// Everything of JOSE is <see cref="StrictBase64Url"/> instead.
/// </summary>
internal static class StrictBase64
{
    /// <summary>Characters of a digest's text: 44.</summary>
    public const int DigestLength = 44;

    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes);

    public static string Encode(in Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        digest.CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>The bytes in a new array; null when the text is not strict base64.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[text.Length / 4 * 3];
        var again = new byte[text.Length];
        return TryDecode(text, bytes, again, out var written) ? bytes[..written] : null;
    }

    public static bool TryDecode(ReadOnlySpan<byte> text, out Digest digest)
    {
        digest = default;
        if (text.Length != DigestLength) return false;
        Span<byte> bytes = stackalloc byte[DigestLength / 4 * 3];
        Span<byte> again = stackalloc byte[DigestLength];
        if (!TryDecode(text, bytes, again, out var written) || written != Digest.Size) return false;
        digest = new Digest(bytes[..written]);
        return true;
    }

    // The platform's decoder skips white space; only a text that encoding gives back is the one text of its bytes.
    private static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, Span<byte> again, out int written)
    {
        written = 0;
        return text.Length % 4 == 0
            && Base64.DecodeFromUtf8(text, bytes, out _, out written) == OperationStatus.Done
            && Base64.EncodeToUtf8(bytes[..written], again, out _, out var length) == OperationStatus.Done
            && again[..length].SequenceEqual(text);
    }
}
