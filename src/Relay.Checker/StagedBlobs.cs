using System.Buffers.Binary;
using System.Text;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>What stands behind a head as the checker reads it.</summary>
internal static class StagedBlobs
{
    /// <summary>First line.</summary>
    public static ReadOnlySpan<byte> Magic => "relay staged v2\n"u8;

    /// <summary>A head's note, and what stands behind it; nothing where nothing does.</summary>
    public static (ReadOnlyMemory<byte> Note, ReadOnlyMemory<byte> Staged) Split(ReadOnlyMemory<byte> blob)
    {
        var line = blob.Span.IndexOf([(byte)'\n', .. Magic]);
        return line < 0 ? (blob, default) : (blob[..(line + 1)], blob[(line + 1)..]);
    }

    /// <summary>The puts by whole name; null when the bytes are not what a commit stages.</summary>
    public static Dictionary<string, StagedPut>? Parse(ReadOnlyMemory<byte> bytes, long commit)
    {
        if (!bytes.Span.StartsWith(Magic)) return null;
        var rest = bytes[Magic.Length..];
        if (!TryTake(ref rest, 8, out var number)
            || BinaryPrimitives.ReadInt64BigEndian(number.Span) != commit
            || !TryCount(ref rest, out var puts))
        {
            return null;
        }
        var blobs = new Dictionary<string, StagedPut>();
        for (var i = 0; i < puts; i++)
        {
            ReadOnlyMemory<byte> digest = default;
            if (!TryName(ref rest, out var name)
                || !TryName(ref rest, out var after)
                || (after.Length > 0 && !TryTake(ref rest, Digest.Size, out digest))
                || !TryCount(ref rest, out var length)
                || !TryTake(ref rest, length, out var content)
                || !blobs.TryAdd(name, new StagedPut(content, after, digest.IsEmpty ? default : new Digest(digest.Span))))
            {
                return null;
            }
        }

        return TrySkipNames(ref rest) && TrySkipNames(ref rest) && rest.IsEmpty ? blobs : null;
    }

    private static bool TrySkipNames(ref ReadOnlyMemory<byte> rest)
    {
        if (!TryCount(ref rest, out var count)) return false;
        for (var i = 0; i < count; i++)
        {
            if (!TryName(ref rest, out _)) return false;
        }

        return true;
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

/// <summary>A blob that is to be put.</summary>
/// <param name="Content">Its bytes, or those after what it grew from.</param>
/// <param name="After">Whole name of what it grew from; empty when that is all.</param>
/// <param name="AfterDigest">SHA-256 of what it grew from.</param>
internal readonly record struct StagedPut(ReadOnlyMemory<byte> Content, string After, Digest AfterDigest);
