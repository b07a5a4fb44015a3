using System.Numerics;

namespace Relay.Core.Statistics;

/// <summary>
/// How many envelopes had contents of which size, by powers of two of their bytes as sealed: eleven classes, the first up to 512 bytes, the
/// last beyond 256 KiB. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// Contents are padded to Padme's sizes before they are sealed (Nikitin et al., PoPETs 2019(4), section 4), which leave some 130 sizes up
/// to 256 KiB apart; octaves are coarser, so the figure says less of an envelope than its length already does.
/// </remarks>
public sealed class SizeTally() : BucketTally(Classes)
{
    /// <summary>Classes: 11.</summary>
    public const int Classes = 11;

    private const int LeastExponent = 9;

    /// <summary>Largest size of a class, in bytes; null of the last, which has none.</summary>
    public static int? UpTo(int size) => size == Classes - 1 ? null : 1 << (LeastExponent + size);

    /// <summary>The class of a size in bytes.</summary>
    public static int ClassOf(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var exponent = bytes <= 1 ? 0 : BitOperations.Log2((uint)bytes - 1) + 1;
        return Math.Clamp(exponent - LeastExponent, 0, Classes - 1);
    }
}
