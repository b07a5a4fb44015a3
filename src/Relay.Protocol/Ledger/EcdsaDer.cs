namespace Relay.Protocol.Ledger;

/// <summary>
/// P-256 signatures between r then s of 32 bytes each (as JWS has them) and
/// the ASN.1 DER that signed-note's ECDSA type carries. Reads one text per
/// value only: a second encoding of the same signature would be a second note.
/// </summary>
/// <remarks>RFC 3279 section 2.2.3 (Ecdsa-Sig-Value); X.690 section 8.3 (shortest two's complement).</remarks>
internal static class EcdsaDer
{
    /// <summary>Bytes of r then s: 64.</summary>
    public const int FixedSize = 64;

    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;
    private const int HalfSize = FixedSize / 2;

    public static byte[] Write(ReadOnlySpan<byte> signature)
    {
        var r = Trim(signature[..HalfSize]);
        var s = Trim(signature[HalfSize..]);
        var der = new byte[6 + Length(r) + Length(s)];
        der[0] = Sequence;
        der[1] = (byte)(der.Length - 2);
        WriteInteger(r, der.AsSpan(2));
        WriteInteger(s, der.AsSpan(4 + Length(r)));
        return der;
    }

    public static bool TryRead(ReadOnlySpan<byte> der, Span<byte> signature)
    {
        if (der.Length < 2 || der[0] != Sequence || der[1] > 0x7f || der[1] != der.Length - 2) return false;
        var rest = der[2..];
        return TryReadInteger(ref rest, signature[..HalfSize]) && TryReadInteger(ref rest, signature[HalfSize..FixedSize]) && rest.IsEmpty;
    }

    private static bool TryReadInteger(ref ReadOnlySpan<byte> der, Span<byte> value)
    {
        if (der.Length < 3 || der[0] != Integer || der[1] is 0 or > HalfSize + 1 || der.Length - 2 < der[1]) return false;
        var bytes = der.Slice(2, der[1]);
        der = der[(2 + bytes.Length)..];
        if (bytes[0] > 0x7f || (bytes[0] == 0 && bytes.Length > 1 && bytes[1] <= 0x7f)) return false;
        if (bytes[0] == 0) bytes = bytes[1..];
        if (bytes.Length > HalfSize) return false;
        value.Clear();
        bytes.CopyTo(value[(HalfSize - bytes.Length)..]);
        return true;
    }

    private static void WriteInteger(ReadOnlySpan<byte> value, Span<byte> der)
    {
        der[0] = Integer;
        der[1] = (byte)Length(value);
        value.CopyTo(der[(2 + Length(value) - value.Length)..]);
    }

    // A value whose first bit is set takes a zero in front, and so does none at all.
    private static int Length(ReadOnlySpan<byte> value) => value.IsEmpty || value[0] > 0x7f ? value.Length + 1 : value.Length;

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value) => value.TrimStart((byte)0);
}
