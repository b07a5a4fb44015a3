using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Azure.Ledger;

/// <summary>
/// How a blob lies in a file, so that torn, cut and flipped bytes are told from what was
/// put: <c>"RELAYLB1" | length u32 BE | SHA-256 of the content, 32 bytes | content</c>,
/// and nothing after it.
/// </summary>
internal static class BlobFrame
{
    /// <summary>Bytes before the content: 44.</summary>
    public const int HeaderBytes = 8 + sizeof(uint) + SHA256.HashSizeInBytes;

    private const int ETagDigits = 32;
    private const string Damaged = "damaged-";

    private static ReadOnlySpan<byte> Magic => "RELAYLB1"u8;

    /// <summary>The header to write before a content.</summary>
    public static byte[] Header(ReadOnlySpan<byte> content)
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(Magic.Length), (uint)content.Length);
        SHA256.HashData(content, header.AsSpan(HeaderBytes - SHA256.HashSizeInBytes));
        return header;
    }

    /// <summary>ETag of an intact content: the first half of its SHA-256 in hex.</summary>
    public static string ETagOf(ReadOnlySpan<byte> header) =>
        Convert.ToHexStringLower(header[(HeaderBytes - SHA256.HashSizeInBytes)..HeaderBytes])[..ETagDigits];

    /// <summary>True when the bytes are one whole frame whose content has its hash.</summary>
    /// <param name="file">All bytes of a file.</param>
    /// <param name="etag">Of the content; of damaged bytes one that no content has.</param>
    public static bool IsIntact(ReadOnlySpan<byte> file, out string etag)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (file.Length >= HeaderBytes && file.StartsWith(Magic)
            && BinaryPrimitives.ReadUInt32BigEndian(file[Magic.Length..]) == (uint)(file.Length - HeaderBytes))
        {
            SHA256.HashData(file[HeaderBytes..], hash);
            if (hash.SequenceEqual(file[(HeaderBytes - SHA256.HashSizeInBytes)..HeaderBytes]))
            {
                etag = ETagOf(file);
                return true;
            }
        }

        SHA256.HashData(file, hash);
        etag = Damaged + Convert.ToHexStringLower(hash)[..ETagDigits];
        return false;
    }
}
