using System.Buffers;
using System.Buffers.Text;

namespace Relay.Protocol.Text;

/// <summary>
/// base64url with one text per value: no padding, no white space, unused trailing bits zero (RFC 7515 section 2, RFC 4648 section 3.5).
/// Not a lenient reader: what other readers repair is refused here, because a second text for the same bytes is a second message.
/// </summary>
public static class StrictBase64Url
{
    /// <summary>Most bytes that <paramref name="textLength"/> characters decode to.</summary>
    public static int MaxDecodedLength(int textLength) => (int)((long)textLength * 3 / 4);

    /// <summary>Decodes ASCII text; false when the text is not strict base64url or <paramref name="destination"/> is too short.</summary>
    /// <param name="text">Any number of ASCII bytes; empty decodes to nothing.</param>
    /// <param name="destination">At least <see cref="MaxDecodedLength"/> bytes.</param>
    /// <param name="written">Bytes written; 0 when false.</param>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.Length % 4 == 1 || !TrailingBitsAreZero(text) || destination.Length < MaxDecodedLength(text.Length)) return false;
        // The platform's decoder skips white space and takes padding; either leaves it short of what this many characters stand for.
        if (Base64Url.DecodeFromUtf8(text, destination, out _, out var decoded) != OperationStatus.Done
            || decoded != MaxDecodedLength(text.Length))
        {
            return false;
        }
        written = decoded;
        return true;
    }

    /// <summary>Decodes ASCII text into a new array; null when the text is not strict base64url.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        // Filled whole or dropped, so zeroing it first would be lost work.
        var bytes = GC.AllocateUninitializedArray<byte>(MaxDecodedLength(text.Length));
        return TryDecode(text, bytes, out _) ? bytes : null;
    }

    /// <summary>Decodes text into a new array; null when the text is not strict base64url.</summary>
    public static byte[]? Decode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var c in text)
        {
            if (c > 0x7f) return null;
        }
        return Decode(System.Text.Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Text of <paramref name="bytes"/>, without padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>ASCII text of <paramref name="bytes"/> in a new array, without padding.</summary>
    public static byte[] EncodeToUtf8(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToUtf8(bytes);

    private static bool TrailingBitsAreZero(ReadOnlySpan<byte> text) => (text.Length % 4) switch
    {
        2 => (Value(text[^1]) & 0x0f) == 0,
        3 => (Value(text[^1]) & 0x03) == 0,
        _ => true,
    };

    private static int Value(byte c) => c switch
    {
        >= (byte)'A' and <= (byte)'Z' => c - 'A',
        >= (byte)'a' and <= (byte)'z' => c - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => c - '0' + 52,
        (byte)'-' => 62,
        _ => 63,
    };
}
