using System.Text;

namespace Emulator.Amqp.Types;

/// <summary>Reads AMQP arrays into typed arrays. AMQP 1.0 part 1, 1.6.24.</summary>
internal static class ArrayReader
{
    public static bool TryRead(ref AmqpReader reader, byte code, int depth, out object? value)
    {
        value = null;
        if (depth >= AmqpReader.MaxDepth || !reader.TryReadCompound(code, out var body, out var count))
        {
            return false;
        }

        var nested = AmqpReader.Nested(body, reader);
        object? descriptor = null;
        if (!nested.TryReadByte(out var element))
        {
            return false;
        }

        if (element == FormatCode.Described
            && (!ValueReader.TryRead(ref nested, depth + 1, out descriptor) || descriptor is null || !nested.TryReadByte(out element)))
        {
            return false;
        }

        if (!FormatCode.IsKnown(element))
        {
            return false;
        }

        // The count is believed only as far as the bytes that follow, or for elements without bytes the reader's budget, can carry it.
        var width = FormatCode.MinimumWidth(element);
        if (width == 0 ? !nested.TrySpendZeroWidth(count) : count > nested.Rest.Length / width)
        {
            return false;
        }

        var ok = descriptor is null
            ? TryReadItems(ref nested, element, count, depth, out value)
            : TryReadDescribed(ref nested, descriptor, element, count, depth, out value);
        reader.Adopt(nested);
        return ok && nested.AtEnd;
    }

    private static bool TryReadItems(ref AmqpReader reader, byte element, int count, int depth, out object? value)
    {
        switch (element)
        {
            case FormatCode.UByte:
                var ok = reader.TryTake(count, out var bytes);
                value = ok ? new AmqpUByteArray(bytes.ToArray()) : null;
                return ok;
            case FormatCode.True or FormatCode.False or FormatCode.Boolean:
                return TryFill<bool>(ref reader, element, count, depth, out value);
            case FormatCode.Byte:
                return TryFill<sbyte>(ref reader, element, count, depth, out value);
            case FormatCode.UShort:
                return TryFill<ushort>(ref reader, element, count, depth, out value);
            case FormatCode.Short:
                return TryFill<short>(ref reader, element, count, depth, out value);
            case FormatCode.UInt or FormatCode.SmallUInt or FormatCode.UInt0:
                return TryFill<uint>(ref reader, element, count, depth, out value);
            case FormatCode.ULong or FormatCode.SmallULong or FormatCode.ULong0:
                return TryFill<ulong>(ref reader, element, count, depth, out value);
            case FormatCode.Int or FormatCode.SmallInt:
                return TryFill<int>(ref reader, element, count, depth, out value);
            case FormatCode.Long or FormatCode.SmallLong:
                return TryFill<long>(ref reader, element, count, depth, out value);
            case FormatCode.Float:
                return TryFill<float>(ref reader, element, count, depth, out value);
            case FormatCode.Double:
                return TryFill<double>(ref reader, element, count, depth, out value);
            case FormatCode.Timestamp:
                return TryFill<DateTime>(ref reader, element, count, depth, out value);
            case FormatCode.Uuid:
                return TryFill<Guid>(ref reader, element, count, depth, out value);
            case FormatCode.String8 or FormatCode.String32:
                return TryFill<string>(ref reader, element, count, depth, out value);
            case FormatCode.Symbol8 or FormatCode.Symbol32:
                return TryFill<AmqpSymbol>(ref reader, element, count, depth, out value);
            case FormatCode.Binary8 or FormatCode.Binary32:
                return TryFill<ReadOnlyMemory<byte>>(ref reader, element, count, depth, out value);
            case FormatCode.List0 or FormatCode.List8 or FormatCode.List32:
                return TryFill<List<object?>>(ref reader, element, count, depth, out value);
            case FormatCode.Map8 or FormatCode.Map32:
                return TryFill<AmqpMap>(ref reader, element, count, depth, out value);
            default:
                return TryFillMixed(ref reader, element, count, depth, out value);
        }
    }

    private static bool TryFill<T>(ref AmqpReader reader, byte element, int count, int depth, out object? value)
    {
        value = null;
        var items = new T[count];
        for (var i = 0; i < count; i++)
        {
            if (!ValueReader.TryReadBody(ref reader, element, depth + 1, out var item))
            {
                return false;
            }

            items[i] = (T)item!;
        }

        value = items;
        return true;
    }

    // char and decimals decode to more than one C# type; nulls and arrays have none in common.
    private static bool TryFillMixed(ref AmqpReader reader, byte element, int count, int depth, out object? value)
    {
        if (!TryFill<object?>(ref reader, element, count, depth, out value))
        {
            return false;
        }

        var items = (object?[])value!;
        value = element switch
        {
            FormatCode.Char when Array.TrueForAll(items, item => item is char) => Array.ConvertAll(items, item => (char)item!),
            FormatCode.Char => Array.ConvertAll(
                items, item => item is char unit ? (Rune.TryCreate(unit, out var rune) ? rune : Rune.ReplacementChar) : (Rune)item!),
            FormatCode.Decimal128 when Array.TrueForAll(items, item => item is decimal) => Array.ConvertAll(items, item => (decimal)item!),
            _ => items,
        };
        return true;
    }

    private static bool TryReadDescribed(ref AmqpReader reader, object descriptor, byte element, int count, int depth, out object? value)
    {
        value = null;
        if (!TryFill<object?>(ref reader, element, count, depth, out var items))
        {
            return false;
        }

        value = Array.ConvertAll((object?[])items!, item => new AmqpDescribed(descriptor, item));
        return true;
    }
}
