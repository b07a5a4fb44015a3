namespace Emulator.Amqp.Types;

/// <summary>IEEE 754 decimal128, binary integer significand form, to and from <see cref="decimal"/>.</summary>
/// <remarks>
/// Layout, most significant first: sign 1, exponent 14 (bias 6176), significand
/// 113. AMQP 1.0 part 1, 1.6.15 names IEEE 754-2008 without choosing the
/// form; the binary one is what .NET peers write.
/// </remarks>
internal static class DecimalBits
{
    private const int Bias = 6176;
    private const int SignificandBits = 113;

    public static object Read(UInt128 bits)
    {
        var exponent = (int)((bits >> SignificandBits) & 0x3fff) - Bias;
        var significand = bits & ((UInt128.One << SignificandBits) - 1);
        var negative = bits >> 127 != 0;
        var scale = -exponent;
        if (scale is < 0 or > 28 || significand >> 96 != 0)
        {
            return new AmqpDecimal(16, bits);
        }

        return new decimal(Word(significand, 0), Word(significand, 32), Word(significand, 64), negative, (byte)scale);
    }

    public static UInt128 Write(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var significand = (
            (UInt128)unchecked((uint)parts[2]) << 64) | ((UInt128)unchecked((uint)parts[1]) << 32) | unchecked((uint)parts[0]);
        var exponent = (UInt128)(uint)(Bias - value.Scale);
        var sign = parts[3] < 0 ? UInt128.One << 127 : 0;
        return sign | (exponent << SignificandBits) | significand;
    }

    private static int Word(UInt128 value, int shift) => unchecked((int)(uint)((value >> shift) & uint.MaxValue));
}
