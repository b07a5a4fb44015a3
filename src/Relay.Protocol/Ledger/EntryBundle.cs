using System.Buffers.Binary;
using System.Collections.Immutable;
using Relay.Protocol.Merkle;

namespace Relay.Protocol.Ledger;

/// <summary>The entries under one level 0 tile as stored: each a length of two bytes, big endian, then as many bytes.</summary>
/// <remarks>C2SP tlog-tiles, section "Log entries".</remarks>
public static class EntryBundle
{
    /// <summary>Longest entry in bytes: 65,535.</summary>
    public const int MaxEntryBytes = ushort.MaxValue;

    private const int LengthBytes = 2;

    /// <summary>The bundle in a new array.</summary>
    /// <param name="entries">1 to 256 entries of at most <see cref="MaxEntryBytes"/>.</param>
    /// <exception cref="ArgumentException">Too few, too many, or one too long.</exception>
    public static byte[] Write(IReadOnlyCollection<ReadOnlyMemory<byte>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count is 0 or > TileId.FullWidth)
        {
            throw new ArgumentException($"Expected 1 to {TileId.FullWidth} entries, got {entries.Count}.", nameof(entries));
        }
        var total = 0;
        foreach (var entry in entries)
        {
            if (entry.Length > MaxEntryBytes)
            {
                throw new ArgumentException(
                    $"Expected entries of at most {MaxEntryBytes} bytes, got one of {entry.Length}.", nameof(entries));
            }
            total += LengthBytes + entry.Length;
        }
        var bytes = new byte[total];
        var rest = bytes.AsSpan();
        foreach (var entry in entries)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)entry.Length);
            entry.Span.CopyTo(rest[LengthBytes..]);
            rest = rest[(LengthBytes + entry.Length)..];
        }
        return bytes;
    }

    /// <summary>Reads a bundle of exactly <paramref name="width"/> entries.</summary>
    /// <param name="bytes">The whole bundle; the entries are slices of it.</param>
    /// <param name="width">1 to 256, known from the tile's name.</param>
    /// <param name="entries">Default when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, int width, out ImmutableArray<ReadOnlyMemory<byte>> entries, out string error)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, TileId.FullWidth);
        entries = default;
        var read = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(width);
        var position = 0;
        while (read.Count < width)
        {
            var left = bytes.Length - position;
            var length = left < LengthBytes ? 0 : BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[position..]);
            if (left < LengthBytes + length)
            {
                error = $"expected entry {read.Count} of {width} with its length and {length} bytes, got {left}";
                return false;
            }
            read.Add(bytes.Slice(position + LengthBytes, length));
            position += LengthBytes + length;
        }
        if (position != bytes.Length)
        {
            error = $"expected the end after {width} entries, got {bytes.Length - position} bytes more";
            return false;
        }
        entries = read.MoveToImmutable();
        error = "";
        return true;
    }
}
