using System.Buffers.Binary;
using System.Text;

namespace Emulator.Amqp.Types;

/// <summary>Writes typed arrays as AMQP arrays: array8 when it fits, elements in one fixed form. AMQP 1.0 part 1, 1.6.24.</summary>
internal static class ArrayWriter
{
    // Constructor, 4-byte size, 4-byte count, element constructor.
    private const int LongHeader = 10;
    private const int ShortHeader = 4;

    private delegate void Put<T>(Span<byte> destination, T item);

    /// <summary>False when the value is not an array this writes; object[] and arrays of described values go out as lists.</summary>
    public static bool TryWrite(AmqpWriter writer, object value)
    {
        switch (value)
        {
            case AmqpSymbol[] items:
                WriteTexts(
                writer, FormatCode.Symbol8, items, static item => item.Value ?? "", Encoding.ASCII); return true;
            case string[] items: WriteTexts(writer, FormatCode.String8, items, static item => item ?? "", Encoding.UTF8); return true;
            case Guid[] items:
                WriteFixed(
                writer, FormatCode.Uuid, 16, items, static (to, item) => item.TryWriteBytes(to, bigEndian: true, out _)); return true;
            case DateTime[] items:
                WriteFixed(
                writer,
                FormatCode.Timestamp,
                8,
                items,
                static (to, item) => BinaryPrimitives.WriteInt64BigEndian(to, AmqpWriter.ToUnixMs(item))); return true;
            case AmqpUByteArray items:
                items.Items.Span.CopyTo(
                Reserve(writer, FormatCode.UByte, items.Items.Length, items.Items.Length)); return true;
            case bool[] items:
                WriteFixed(
                writer, FormatCode.Boolean, 1, items, static (to, item) => to[0] = item ? (byte)1 : (byte)0); return true;
            // An array of sbyte matches byte[] and int[] matches uint[] at run time, so exact types are asked for.
            case var _ when value.GetType() == typeof(sbyte[]):
                WriteFixed(
                writer, FormatCode.Byte, 1, (sbyte[])value, static (to, item) => to[0] = unchecked((byte)item)); return true;
            case var _ when value.GetType() == typeof(int[]):
                WriteFixed(
                writer, FormatCode.Int, 4, (int[])value, BinaryPrimitives.WriteInt32BigEndian); return true;
            case var _ when value.GetType() == typeof(uint[]):
                WriteFixed(
                writer, FormatCode.UInt, 4, (uint[])value, BinaryPrimitives.WriteUInt32BigEndian); return true;
            case var _ when value.GetType() == typeof(long[]):
                WriteFixed(
                writer, FormatCode.Long, 8, (long[])value, BinaryPrimitives.WriteInt64BigEndian); return true;
            case var _ when value.GetType() == typeof(ulong[]):
                WriteFixed(
                writer, FormatCode.ULong, 8, (ulong[])value, BinaryPrimitives.WriteUInt64BigEndian); return true;
            case var _ when value.GetType() == typeof(short[]):
                WriteFixed(
                writer, FormatCode.Short, 2, (short[])value, BinaryPrimitives.WriteInt16BigEndian); return true;
            case var _ when value.GetType() == typeof(ushort[]):
                WriteFixed(
                writer, FormatCode.UShort, 2, (ushort[])value, BinaryPrimitives.WriteUInt16BigEndian); return true;
            case float[] items: WriteFixed(writer, FormatCode.Float, 4, items, BinaryPrimitives.WriteSingleBigEndian); return true;
            case double[] items: WriteFixed(writer, FormatCode.Double, 8, items, BinaryPrimitives.WriteDoubleBigEndian); return true;
            case decimal[] items:
                WriteFixed(
                writer,
                FormatCode.Decimal128,
                16,
                items,
                static (to, item) => BinaryPrimitives.WriteUInt128BigEndian(to, DecimalBits.Write(item))); return true;
            case char[] items:
                WriteFixed(
                writer, FormatCode.Char, 4, items, static (to, item) => BinaryPrimitives.WriteUInt32BigEndian(to, item)); return true;
            case Rune[] items:
                WriteFixed(
                writer, FormatCode.Char, 4, items, static (to, item) => BinaryPrimitives.WriteInt32BigEndian(to, item.Value)); return true;
            case ReadOnlyMemory<byte>[] items: WriteBinaries(writer, items); return true;
            case byte[][] items: WriteBinaries(writer, Array.ConvertAll(items, static item => new ReadOnlyMemory<byte>(item))); return true;
            default: return false;
        }
    }

    private static void WriteFixed<T>(AmqpWriter writer, byte element, int width, T[] items, Put<T> put)
    {
        var body = Reserve(writer, element, items.Length, items.Length * width);
        for (var i = 0; i < items.Length; i++)
        {
            put(body.Slice(i * width, width), items[i]);
        }
    }

    private static void WriteTexts<T>(AmqpWriter writer, byte shortElement, T[] items, Func<T, string> text, Encoding encoding) =>
        WriteBinaries(writer, Array.ConvertAll(items, item => new ReadOnlyMemory<byte>(encoding.GetBytes(text(item)))), shortElement);

    private static void WriteBinaries(AmqpWriter writer, ReadOnlyMemory<byte>[] items, byte shortElement = FormatCode.Binary8)
    {
        var total = 0;
        var longest = 0;
        foreach (var item in items)
        {
            total += item.Length;
            longest = Math.Max(longest, item.Length);
        }

        var wide = longest > byte.MaxValue;
        var element = wide ? (byte)(shortElement | 0x10) : shortElement;
        var body = Reserve(writer, element, items.Length, total + items.Length * (wide ? 4 : 1));
        foreach (var item in items)
        {
            if (wide)
            {
                BinaryPrimitives.WriteInt32BigEndian(body, item.Length);
                body = body[4..];
            }
            else
            {
                body[0] = (byte)item.Length;
                body = body[1..];
            }

            item.Span.CopyTo(body);
            body = body[item.Length..];
        }
    }

    private static Span<byte> Reserve(AmqpWriter writer, byte element, int count, int bodyLength)
    {
        // The size counts the count and the element constructor.
        if (bodyLength + 2 <= byte.MaxValue && count <= byte.MaxValue)
        {
            var small = writer.Take(ShortHeader + bodyLength);
            small[0] = FormatCode.Array8;
            small[1] = (byte)(bodyLength + 2);
            small[2] = (byte)count;
            small[3] = element;
            return small[ShortHeader..];
        }

        var large = writer.Take(LongHeader + bodyLength);
        large[0] = FormatCode.Array32;
        BinaryPrimitives.WriteInt32BigEndian(large[1..], bodyLength + 5);
        BinaryPrimitives.WriteInt32BigEndian(large[5..], count);
        large[9] = element;
        return large[LongHeader..];
    }
}
