using System.Buffers.Binary;
using System.Text;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>
/// Reads the fields of a described list in order; missing trailing fields
/// read as null. The first bad field makes <see cref="Finish"/> false.
/// </summary>
internal ref struct CompositeReader
{
    private AmqpReader _reader;
    private int _left;
    private bool _failed;

    private CompositeReader(ReadOnlySpan<byte> body, int count)
    {
        _reader = new AmqpReader(body);
        _left = count;
    }

    public static bool TryEnter(scoped ref AmqpReader reader, out CompositeReader fields)
    {
        fields = default;
        if (!reader.TryReadByte(out var code)
            || code is not (FormatCode.List0 or FormatCode.List8 or FormatCode.List32)
            || !reader.TryReadCompound(code, out var body, out var count))
        {
            return false;
        }

        fields = new CompositeReader(body, count);
        return true;
    }

    /// <summary>True when every field was of its type and nothing is left over.</summary>
    public readonly bool Finish() => !_failed && _left == 0 && _reader.AtEnd;

    /// <summary>Marks the composite as bad: a required field is missing or out of range.</summary>
    public void Fail() => _failed = true;

    public bool? Bool()
    {
        if (!TryNext(out var code))
        {
            return null;
        }

        switch (code)
        {
            case FormatCode.True: return true;
            case FormatCode.False: return false;
            case FormatCode.Boolean when _reader.TryReadByte(out var value) && value <= 1: return value == 1;
            default: _failed = true; return null;
        }
    }

    public byte? UByte()
    {
        if (!TryNext(out var code))
        {
            return null;
        }

        if (code == FormatCode.UByte && _reader.TryReadByte(out var value))
        {
            return value;
        }

        _failed = true;
        return null;
    }

    public ushort? UShort()
    {
        if (!TryNext(out var code))
        {
            return null;
        }

        if (code == FormatCode.UShort && _reader.TryTake(2, out var bytes))
        {
            return BinaryPrimitives.ReadUInt16BigEndian(bytes);
        }

        _failed = true;
        return null;
    }

    public uint? UInt()
    {
        if (!TryNext(out var code))
        {
            return null;
        }

        switch (code)
        {
            case FormatCode.UInt0: return 0;
            case FormatCode.SmallUInt when _reader.TryReadByte(out var small): return small;
            case FormatCode.UInt when _reader.TryTake(4, out var bytes): return BinaryPrimitives.ReadUInt32BigEndian(bytes);
            default: _failed = true; return null;
        }
    }

    public uint RequiredUInt()
    {
        var value = UInt();
        _failed |= value is null;
        return value.GetValueOrDefault();
    }

    public ulong? ULong()
    {
        if (!TryNext(out var code))
        {
            return null;
        }

        switch (code)
        {
            case FormatCode.ULong0: return 0;
            case FormatCode.SmallULong when _reader.TryReadByte(out var small): return small;
            case FormatCode.ULong when _reader.TryTake(8, out var bytes): return BinaryPrimitives.ReadUInt64BigEndian(bytes);
            default: _failed = true; return null;
        }
    }

    public DateTime? Timestamp()
    {
        if (!TryNext(out var code))
        {
            return null;
        }

        if (code == FormatCode.Timestamp && _reader.TryTake(8, out var bytes))
        {
            return ValueReader.ToDateTime(BinaryPrimitives.ReadInt64BigEndian(bytes));
        }

        _failed = true;
        return null;
    }

    /// <summary>A string or symbol as text: peers mix them up.</summary>
    public string? Text()
    {
        if (!TryNext(out var code))
        {
            return null;
        }

        switch (code)
        {
            case FormatCode.String8
                or FormatCode.String32 when _reader.TryReadVariable(code, out var utf8):
                return AmqpReader.DecodeString(utf8);
            case FormatCode.Symbol8
                or FormatCode.Symbol32 when _reader.TryReadVariable(code, out var ascii):
                return Encoding.ASCII.GetString(ascii);
            default: _failed = true; return null;
        }
    }

    public AmqpSymbol? Symbol() => Text() is { } text ? new AmqpSymbol(text) : (AmqpSymbol?)null;

    /// <summary>A "multiple" symbol field: null, one bare symbol, or an array.</summary>
    public AmqpSymbol[]? Symbols()
    {
        switch (Any())
        {
            case null: return null;
            case AmqpSymbol one: return [one];
            case AmqpSymbol[] many: return many;
            case string one: return [new(one)];
            case string[] many: return Array.ConvertAll(many, static text => new AmqpSymbol(text));
            default: _failed = true; return null;
        }
    }

    public ReadOnlySpan<byte> Binary(out bool present)
    {
        present = false;
        if (!TryNext(out var code))
        {
            return default;
        }

        if (code is FormatCode.Binary8 or FormatCode.Binary32 && _reader.TryReadVariable(code, out var bytes))
        {
            present = true;
            return bytes;
        }

        _failed = true;
        return default;
    }

    public ReadOnlyMemory<byte>? OwnBinary()
    {
        var bytes = Binary(out var present);
        return present ? new ReadOnlyMemory<byte>(bytes.ToArray()) : (ReadOnlyMemory<byte>?)null;
    }

    public AmqpMap? Map()
    {
        var value = Any();
        _failed |= value is not (null or AmqpMap);
        return value as AmqpMap;
    }

    public object? Any()
    {
        if (!TryPeekNext(out _))
        {
            return null;
        }

        if (ValueReader.TryRead(ref _reader, 1, out var value))
        {
            return value;
        }

        _failed = true;
        return null;
    }

    /// <summary>Enters a described list field; false when it is null or bad.</summary>
    public bool TryDescribed(out ulong descriptor, out CompositeReader fields)
    {
        descriptor = 0;
        fields = default;
        if (!TryPeekNext(out _))
        {
            return false;
        }

        var reader = _reader;
        if (!reader.TryReadDescriptor(out descriptor) || !TryEnter(ref reader, out fields))
        {
            _failed = true;
            return false;
        }

        _reader = reader;
        return true;
    }

    /// <summary>Takes over the verdict of a nested composite.</summary>
    public void Join(scoped in CompositeReader nested) => _failed |= !nested.Finish();

    private bool TryNext(out byte code)
    {
        if (!TryPeekNext(out code))
        {
            return false;
        }

        return _reader.TryReadByte(out code);
    }

    // Consumes a null field; leaves any other for the caller.
    private bool TryPeekNext(out byte code)
    {
        code = 0;
        if (_failed || _left == 0)
        {
            return false;
        }

        _left--;
        if (!_reader.TryPeek(out code))
        {
            _failed = true;
            return false;
        }

        if (code == FormatCode.Null)
        {
            _reader.TryReadByte(out _);
            return false;
        }

        return true;
    }
}
