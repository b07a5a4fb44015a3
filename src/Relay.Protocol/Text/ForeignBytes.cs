namespace Relay.Protocol.Text;

/// <summary>
/// Names what is often sent where JSON in UTF-8 is expected, by its first bytes,
/// so that a fault can say what came and not only where reading stopped.
/// </summary>
internal static class ForeignBytes
{
    /// <returns>What it is, with the bytes that say so; null when the bytes look like nothing of the kind.</returns>
    /// <remarks>
    /// Byte order marks: Unicode 17, section 23.8. UTF-16 without one: RFC 4627
    /// section 3. gzip: RFC 1952 section 2.3.1. zstd: RFC 8878 section 3.1.1.
    /// </remarks>
    public static string? Describe(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xef, 0xbb, 0xbf, ..] => "a byte order mark (ef bb bf) at byte 0: leave it out",
        [0xff, 0xfe, ..] => "UTF-16 (byte order mark ff fe at byte 0): send UTF-8",
        [0xfe, 0xff, ..] => "UTF-16 (byte order mark fe ff at byte 0): send UTF-8",
        [(byte)'{' or (byte)'[', 0, ..] => "UTF-16 (byte 0x00 at byte 1): send UTF-8",
        [0, (byte)'{' or (byte)'[', ..] => "UTF-16 (byte 0x00 at byte 0): send UTF-8",
        [0x1f, 0x8b, ..] => "gzip (1f 8b at byte 0): send it uncompressed",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd (28 b5 2f fd at byte 0): send it uncompressed",
        [(byte)'P', (byte)'K', 3, 4, ..] => "a zip file (50 4b 03 04 at byte 0): send what is in it",
        [(byte)'-', (byte)'-', ..] => "a multipart body ('--' at byte 0): send the JSON alone",
        _ => null,
    };

    /// <summary>Offset of the first byte that is not of well-formed UTF-8; the length when all are.</summary>
    public static int FirstInvalidUtf8(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        while (System.Text.Rune.DecodeFromUtf8(bytes[position..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            position += consumed;
        }

        return position;
    }
}
