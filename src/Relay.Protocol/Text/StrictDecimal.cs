namespace Relay.Protocol.Text;

/// <summary>ASCII decimal with one text per value: no sign, no leading zero but in <c>0</c> itself.</summary>
internal static class StrictDecimal
{
    /// <summary>Greatest NumericDate (RFC 7519 section 2): the last second of year 9999, the end of DateTimeOffset.</summary>
    public const long MaxNumericDate = 253_402_300_799;

    private const int MaxDigits = 16;

    /// <summary>Reads 0 to <paramref name="max"/>, which has at most 16 digits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, long max, out long value)
    {
        value = 0;
        if (text.Length is 0 or > MaxDigits || (text[0] == (byte)'0' && text.Length > 1)) return false;
        foreach (var c in text)
        {
            if (c is < (byte)'0' or > (byte)'9') return false;
            value = value * 10 + (c - '0');
        }
        return value <= max;
    }
}
