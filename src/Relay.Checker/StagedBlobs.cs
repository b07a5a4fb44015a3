using System.Buffers.Binary;
using System.Text;

namespace Relay.Checker;

/// <summary>The puts of a staging blob as the checker reads it.</summary>
internal static class StagedBlobs
{
    private static ReadOnlySpan<byte> Magic => "relay staging v1\n"u8;

    /// <summary>Null when the bytes are no staging blob of this commit.</summary>
    public static Dictionary<string, ReadOnlyMemory<byte>>? Parse(ReadOnlyMemory<byte> bytes, long commit)
    {
        if (!bytes.Span.StartsWith(Magic)) return null;
        var rest = bytes[Magic.Length..];
        if (!TryTake(ref rest, 8, out var number)
            || BinaryPrimitives.ReadInt64BigEndian(number.Span) != commit
            || !TryCount(ref rest, out var puts))
        {
            return null;
        }
        var blobs = new Dictionary<string, ReadOnlyMemory<byte>>();
        for (var i = 0; i < puts; i++)
        {
            if (!TryName(ref rest, out var name)
                || !TryCount(ref rest, out var length)
                || !TryTake(ref rest, length, out var content)
                || !blobs.TryAdd(name, content))
            {
                return null;
            }
        }

        if (!TryCount(ref rest, out var deletes)) return null;
        for (var i = 0; i < deletes; i++)
        {
            if (!TryName(ref rest, out _)) return null;
        }

        return rest.IsEmpty ? blobs : null;
    }

    private static bool TryTake(ref ReadOnlyMemory<byte> rest, int length, out ReadOnlyMemory<byte> taken)
    {
        taken = default;
        if (length < 0 || length > rest.Length) return false;
        taken = rest[..length];
        rest = rest[length..];
        return true;
    }

    private static bool TryCount(ref ReadOnlyMemory<byte> rest, out int count)
    {
        count = TryTake(ref rest, 4, out var bytes) ? BinaryPrimitives.ReadInt32BigEndian(bytes.Span) : -1;
        return count >= 0;
    }

    private static bool TryName(ref ReadOnlyMemory<byte> rest, out string name)
    {
        name = "";
        if (!TryTake(ref rest, 2, out var length) || !TryTake(ref rest, BinaryPrimitives.ReadUInt16BigEndian(length.Span), out var bytes))
        {
            return false;
        }
        name = Encoding.ASCII.GetString(bytes.Span);
        return true;
    }
}
