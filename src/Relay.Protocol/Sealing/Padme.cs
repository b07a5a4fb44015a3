using System.Numerics;

namespace Relay.Protocol.Sealing;

/// <summary>Padding that lets the length of a message leak at most O(log log n) bits, at a cost of at most 12 %.</summary>
/// <remarks>
/// References: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019(4), section 4.
/// </remarks>
internal static class Padme
{
    /// <summary>Smallest padded size that holds <paramref name="length"/> bytes.</summary>
    public static int PaddedSize(int length)
    {
        if (length < 2) return length;
        var exponent = BitOperations.Log2((uint)length);
        var significant = BitOperations.Log2((uint)exponent) + 1;
        var mask = (1 << (exponent - significant)) - 1;
        return (length + mask) & ~mask;
    }
}
