using System.Buffers.Binary;
using System.Collections;
using System.Text;

namespace Emulator.Amqp.Types;

/// <summary>Writes objects as the AMQP types they stand for.</summary>
internal static class ValueWriter
{
    public static void Write(AmqpWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNull(); break;
            case string text: writer.WriteString(text); break;
            case bool flag: writer.WriteBoolean(flag); break;
            case int number: writer.WriteInt(number); break;
            case long number: writer.WriteLong(number); break;
            case uint number: writer.WriteUInt(number); break;
            case ulong number: writer.WriteULong(number); break;
            case byte number: writer.WriteUByte(number); break;
            case sbyte number: writer.WriteSByte(number); break;
            case short number: writer.WriteShort(number); break;
            case ushort number: writer.WriteUShort(number); break;
            case float number: writer.WriteFloat(number); break;
            case double number: writer.WriteDouble(number); break;
            case decimal number: writer.WriteDecimal(number); break;
            case AmqpDecimal number: WriteDecimalBits(writer, number); break;
            case char unit: writer.WriteChar(unit); break;
            case Rune rune: writer.WriteChar(rune); break;
            case DateTime time: writer.WriteTimestamp(time); break;
            case DateTimeOffset time: writer.WriteTimestamp(time.UtcDateTime); break;
            case Guid uuid: writer.WriteUuid(uuid); break;
            case AmqpSymbol symbol: writer.WriteSymbol(symbol.Value ?? ""); break;
            case ReadOnlyMemory<byte> binary: writer.WriteBinary(binary.Span); break;
            // At run time an sbyte[] is a byte[] too, but it is an array and not a binary.
            case byte[] binary when value.GetType() == typeof(byte[]): writer.WriteBinary(binary); break;
            case Memory<byte> binary: writer.WriteBinary(binary.Span); break;
            case ArraySegment<byte> binary: writer.WriteBinary(binary); break;
            case AmqpMap map: writer.WriteMap(map); break;
            case AmqpDescribed described: WriteDescribed(writer, described); break;
            default:
                if (!ArrayWriter.TryWrite(writer, value))
                {
                    WriteList(
                        writer, value as IEnumerable ?? throw new ArgumentException($"{value.GetType()} has no AMQP type.", nameof(value)));
                }

                break;
        }
    }

    private static void WriteDescribed(AmqpWriter writer, AmqpDescribed described)
    {
        writer.WriteByte(FormatCode.Described);
        Write(writer, described.Descriptor);
        Write(writer, described.Value);
    }

    private static void WriteList(AmqpWriter writer, IEnumerable items)
    {
        if (items is IDictionary)
        {
            throw new ArgumentException($"{items.GetType()} has no AMQP type; use {nameof(AmqpMap)}.", nameof(items));
        }

        var start = writer.BeginList();
        var count = 0;
        foreach (var item in items)
        {
            Write(writer, item);
            count++;
        }

        writer.End(start, count);
    }

    private static void WriteDecimalBits(AmqpWriter writer, AmqpDecimal value)
    {
        switch (value.Width)
        {
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(
                writer.TakeCoded(FormatCode.Decimal32, 4), (uint)(value.Bits & uint.MaxValue)); break;
            case 8:
                BinaryPrimitives.WriteUInt64BigEndian(
                writer.TakeCoded(FormatCode.Decimal64, 8), (ulong)(value.Bits & ulong.MaxValue)); break;
            default: BinaryPrimitives.WriteUInt128BigEndian(writer.TakeCoded(FormatCode.Decimal128, 16), value.Bits); break;
        }
    }
}
