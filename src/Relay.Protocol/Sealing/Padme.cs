using System.Buffers.Binary;
using System.Numerics;

namespace Relay.Protocol.Sealing;

/// <summary>Padding that lets the length of a message leak at most O(log log n) bits, at a cost of at most 12 %.</summary>
/// <remarks>
/// References: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019(4), section 4.
/// <code>
/// | length of the statement, u32 BE | statement | zeros up to the padded size |
/// </code>
/// </remarks>
internal static class Padme
{
    public const int PrefixSize = 4;

    /// <summary>Smallest padded size that holds <paramref name="length"/> bytes.</summary>
    public static int PaddedSize(int length)
    {
        if (length < 2) return length;
        var exponent = BitOperations.Log2((uint)length);
        var significant = BitOperations.Log2((uint)exponent) + 1;
        var mask = (1 << (exponent - significant)) - 1;
        return (length + mask) & ~mask;
    }

    /// <summary>Length, statement and zeros in a new array; secret, so the caller wipes it.</summary>
    public static byte[] Pad(ReadOnlySpan<byte> statement)
    {
        var padded = new byte[PaddedSize(PrefixSize + statement.Length)];
        BinaryPrimitives.WriteInt32BigEndian(padded, statement.Length);
        statement.CopyTo(padded.AsSpan(PrefixSize));
        return padded;
    }

    /// <summary>The statement inside; false unless the size is exactly the padded one and the rest is zeros.</summary>
    public static bool TryUnpad(ReadOnlySpan<byte> padded, out ReadOnlySpan<byte> statement)
    {
        statement = default;
        if (padded.Length < PrefixSize) return false;
        var length = BinaryPrimitives.ReadUInt32BigEndian(padded);
        if (length > (uint)(padded.Length - PrefixSize)) return false;
        if (PaddedSize(PrefixSize + (int)length) != padded.Length) return false;
        if (padded[(PrefixSize + (int)length)..].ContainsAnyExcept((byte)0)) return false;
        statement = padded.Slice(PrefixSize, (int)length);
        return true;
    }
}
