using System.Buffers.Binary;
using System.Text;

namespace Emulator.Amqp.Types;

/// <summary>Turns encoded values of any type into objects, within the reader's limits.</summary>
internal static class ValueReader
{
    private const long UnixEpochMs = 62_135_596_800_000;
    private const long MaxMs = 315_537_897_599_999;

    public static bool TryRead(ref AmqpReader reader, int depth, out object? value)
    {
        value = null;
        if (depth > AmqpReader.MaxDepth || !reader.TryReadByte(out var code))
        {
            return false;
        }

        if (code != FormatCode.Described)
        {
            return TryReadBody(ref reader, code, depth, out value);
        }

        if (!TryRead(ref reader, depth + 1, out var descriptor) || descriptor is null || !TryRead(ref reader, depth + 1, out var described))
        {
            return false;
        }

        value = new AmqpDescribed(descriptor, described);
        return true;
    }

    /// <summary>Reads the data behind a constructor, which in an array stands only once.</summary>
    public static bool TryReadBody(ref AmqpReader reader, byte code, int depth, out object? value)
    {
        value = null;
        switch (code)
        {
            case FormatCode.Null: return true;
            case FormatCode.True: value = true; return true;
            case FormatCode.False: value = false; return true;
            case FormatCode.UInt0: value = 0u; return true;
            case FormatCode.ULong0: value = 0ul; return true;
            case FormatCode.List0: value = new List<object?>(); return true;
            case FormatCode.Binary8
                or FormatCode.Binary32
                or FormatCode.String8
                or FormatCode.String32
                or FormatCode.Symbol8
                or FormatCode.Symbol32:
                return TryReadVariable(ref reader, code, out value);
            case FormatCode.List8 or FormatCode.List32:
                return TryReadList(ref reader, code, depth, out value);
            case FormatCode.Map8 or FormatCode.Map32:
                return TryReadMap(ref reader, code, depth, out value);
            case FormatCode.Array8 or FormatCode.Array32:
                return ArrayReader.TryRead(ref reader, code, depth, out value);
            default:
                return FormatCode.IsKnown(code)
                    && reader.TryTake(FormatCode.FixedWidth(code), out var bytes)
                    && TryReadFixed(code, bytes, out value);
        }
    }

    public static DateTime ToDateTime(long unixMs)
    {
        // Peers write "never" as a time beyond DateTime; clamping keeps the meaning.
        var ms = Math.Clamp(unixMs, -UnixEpochMs, MaxMs - UnixEpochMs) + UnixEpochMs;
        return new DateTime(ms * TimeSpan.TicksPerMillisecond, DateTimeKind.Utc);
    }

    private static bool TryReadVariable(ref AmqpReader reader, byte code, out object? value)
    {
        value = null;
        if (!reader.TryReadVariable(code, out var bytes))
        {
            return false;
        }

        value = code switch
        {
            FormatCode.Binary8 or FormatCode.Binary32 => new ReadOnlyMemory<byte>(bytes.ToArray()),
            FormatCode.String8 or FormatCode.String32 => AmqpReader.DecodeString(bytes),
            _ => new AmqpSymbol(Encoding.ASCII.GetString(bytes)),
        };
        return true;
    }

    private static bool TryReadFixed(byte code, ReadOnlySpan<byte> bytes, out object? value)
    {
        value = code switch
        {
            FormatCode.UByte => bytes[0],
            FormatCode.Byte => unchecked((sbyte)bytes[0]),
            FormatCode.SmallUInt => (uint)bytes[0],
            FormatCode.SmallULong => (ulong)bytes[0],
            FormatCode.SmallInt => (int)unchecked((sbyte)bytes[0]),
            FormatCode.SmallLong => (long)unchecked((sbyte)bytes[0]),
            FormatCode.Boolean => bytes[0] <= 1 ? bytes[0] == 1 : null,
            FormatCode.UShort => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            FormatCode.Short => BinaryPrimitives.ReadInt16BigEndian(bytes),
            FormatCode.UInt => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            FormatCode.Int => BinaryPrimitives.ReadInt32BigEndian(bytes),
            FormatCode.Float => BinaryPrimitives.ReadSingleBigEndian(bytes),
            FormatCode.Char => ReadChar(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
            FormatCode.Decimal32 => new AmqpDecimal(4, BinaryPrimitives.ReadUInt32BigEndian(bytes)),
            FormatCode.ULong => BinaryPrimitives.ReadUInt64BigEndian(bytes),
            FormatCode.Long => BinaryPrimitives.ReadInt64BigEndian(bytes),
            FormatCode.Double => BinaryPrimitives.ReadDoubleBigEndian(bytes),
            FormatCode.Timestamp => ToDateTime(BinaryPrimitives.ReadInt64BigEndian(bytes)),
            FormatCode.Decimal64 => new AmqpDecimal(8, BinaryPrimitives.ReadUInt64BigEndian(bytes)),
            FormatCode.Decimal128 => DecimalBits.Read(BinaryPrimitives.ReadUInt128BigEndian(bytes)),
            FormatCode.Uuid => new Guid(bytes, bigEndian: true),
            _ => null,
        };
        return value is not null;
    }

    private static object? ReadChar(uint codePoint)
    {
        // A lone surrogate is not a character, but a C# peer's char may be one.
        if (codePoint <= char.MaxValue)
        {
            return (char)codePoint;
        }

        return Rune.IsValid(codePoint) ? new Rune(codePoint) : null;
    }

    private static bool TryReadList(ref AmqpReader reader, byte code, int depth, out object? value)
    {
        value = null;
        if (!reader.TryReadCompound(code, out var body, out var count))
        {
            return false;
        }

        var nested = AmqpReader.Nested(body, reader);
        var list = new List<object?>(count);
        for (var i = 0; i < count; i++)
        {
            if (!TryRead(ref nested, depth + 1, out var item))
            {
                return false;
            }

            list.Add(item);
        }

        reader.Adopt(nested);
        value = list;
        return nested.AtEnd;
    }

    private static bool TryReadMap(ref AmqpReader reader, byte code, int depth, out object? value)
    {
        value = null;
        if (!reader.TryReadCompound(code, out var body, out var count) || (count & 1) != 0)
        {
            return false;
        }

        var nested = AmqpReader.Nested(body, reader);
        var map = new AmqpMap(count / 2);
        for (var i = 0; i < count; i += 2)
        {
            if (!TryRead(ref nested, depth + 1, out var key) || key is null || !TryRead(ref nested, depth + 1, out var item))
            {
                return false;
            }

            map.Add(key, item);
        }

        reader.Adopt(nested);
        value = map;
        return nested.AtEnd;
    }
}
