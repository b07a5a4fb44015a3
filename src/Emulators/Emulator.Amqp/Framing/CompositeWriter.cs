using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Writes a described list field by field and leaves out trailing nulls.</summary>
internal ref struct CompositeWriter
{
    private readonly AmqpWriter _writer;
    private readonly int _start;
    private int _count;
    private int _keptCount;
    private int _keptLength;

    public CompositeWriter(AmqpWriter writer, ulong descriptor)
    {
        _writer = writer;
        writer.WriteDescriptor(descriptor);
        _start = writer.BeginList();
        _keptLength = writer.Length;
    }

    /// <summary>Ends the list.</summary>
    /// <param name="fields">Fewest fields to write; trailing nulls beyond them are left out.</param>
    public void End(int fields = 0)
    {
        while (_count < fields)
        {
            Null();
        }

        if (_keptCount < fields)
        {
            _keptLength += fields - _keptCount;
            _keptCount = fields;
        }

        _writer.Truncate(_keptLength);
        _writer.End(_start, _keptCount);
    }

    public void Null()
    {
        _writer.WriteNull();
        _count++;
    }

    public void Bool(bool? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        _writer.WriteBoolean(value.Value);
        Keep();
    }

    public void UByte(byte? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        _writer.WriteUByte(value.Value);
        Keep();
    }

    public void UShort(ushort? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        _writer.WriteUShort(value.Value);
        Keep();
    }

    public void UInt(uint? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        _writer.WriteUInt(value.Value);
        Keep();
    }

    public void ULong(ulong? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        _writer.WriteULong(value.Value);
        Keep();
    }

    public void Timestamp(DateTime? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        _writer.WriteTimestamp(value.Value);
        Keep();
    }

    public void String(string? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        _writer.WriteString(value);
        Keep();
    }

    public void Symbol(string? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        _writer.WriteSymbol(value);
        Keep();
    }

    public void Binary(ReadOnlySpan<byte> value)
    {
        _writer.WriteBinary(value);
        Keep();
    }

    public void Binary(ReadOnlyMemory<byte>? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        Binary(value.Value.Span);
    }

    public void Value(object? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        _writer.WriteValue(value);
        Keep();
    }

    public void State(DeliveryState? state)
    {
        if (state is null)
        {
            Null();
            return;
        }

        DeliveryStateCodec.Write(_writer, state);
        Keep();
    }

    public void Error(AmqpError? error)
    {
        if (error is null)
        {
            Null();
            return;
        }

        ErrorCodec.Write(_writer, error);
        Keep();
    }

    /// <summary>Counts a field that was written to the writer directly.</summary>
    public void Keep()
    {
        _count++;
        _keptCount = _count;
        _keptLength = _writer.Length;
    }
}
