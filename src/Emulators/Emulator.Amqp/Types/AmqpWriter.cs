using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Emulator.Amqp.Types;

/// <summary>Writes AMQP encoded values into a pooled buffer that grows, in their shortest form. Not thread-safe.</summary>
public sealed class AmqpWriter : IBufferWriter<byte>, IDisposable
{
    private const long UnixEpochTicks = 621_355_968_000_000_000;

    // Constructor, size and count of the short form; the long form takes 6 bytes more.
    private const int ShortCompoundHeader = 3;
    private const int LongCompoundHeader = 9;

    private readonly int _initialCapacity;
    private byte[] _buffer = [];
    private int _length;

    /// <summary>Starts empty.</summary>
    /// <param name="initialCapacity">Bytes rented at first.</param>
    public AmqpWriter(int initialCapacity = 256)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(initialCapacity);
        _initialCapacity = initialCapacity;
    }

    /// <summary>Bytes written.</summary>
    public int Length => _length;

    /// <summary>What was written, valid until the next write.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _length);

    /// <summary>What was written, valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    internal int Capacity => _buffer.Length;

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Clear() => _length = 0;

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => WrittenSpan.ToArray();

    /// <summary>Writes bytes that are encoded already.</summary>
    public void WriteRaw(ReadOnlySpan<byte> encoded) => encoded.CopyTo(Take(encoded.Length));

    /// <summary>Writes null.</summary>
    public void WriteNull() => WriteByte(FormatCode.Null);

    /// <summary>Writes a boolean in its one-byte form.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? FormatCode.True : FormatCode.False);

    /// <summary>Writes an ubyte.</summary>
    public void WriteUByte(byte value) => WriteCoded(FormatCode.UByte, value);

    /// <summary>Writes a byte, which is signed in AMQP.</summary>
    public void WriteSByte(sbyte value) => WriteCoded(FormatCode.Byte, unchecked((byte)value));

    /// <summary>Writes an ushort.</summary>
    public void WriteUShort(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(TakeCoded(FormatCode.UShort, 2), value);

    /// <summary>Writes a short.</summary>
    public void WriteShort(short value) => BinaryPrimitives.WriteInt16BigEndian(TakeCoded(FormatCode.Short, 2), value);

    /// <summary>Writes an uint in 1, 2 or 5 bytes.</summary>
    public void WriteUInt(uint value)
    {
        if (value == 0)
        {
            WriteByte(FormatCode.UInt0);
        }
        else if (value <= byte.MaxValue)
        {
            WriteCoded(FormatCode.SmallUInt, (byte)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(TakeCoded(FormatCode.UInt, 4), value);
        }
    }

    /// <summary>Writes an ulong in 1, 2 or 9 bytes.</summary>
    public void WriteULong(ulong value)
    {
        if (value == 0)
        {
            WriteByte(FormatCode.ULong0);
        }
        else if (value <= byte.MaxValue)
        {
            WriteCoded(FormatCode.SmallULong, (byte)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(TakeCoded(FormatCode.ULong, 8), value);
        }
    }

    /// <summary>Writes an int in 2 or 5 bytes.</summary>
    public void WriteInt(int value)
    {
        if (value is >= sbyte.MinValue and <= sbyte.MaxValue)
        {
            WriteCoded(FormatCode.SmallInt, unchecked((byte)value));
        }
        else
        {
            WriteFullInt(value);
        }
    }

    /// <summary>Writes an int in 5 bytes (71), for readers that want exactly that: status codes.</summary>
    public void WriteFullInt(int value) => BinaryPrimitives.WriteInt32BigEndian(TakeCoded(FormatCode.Int, 4), value);

    /// <summary>Writes a long in 2 or 9 bytes.</summary>
    public void WriteLong(long value)
    {
        if (value is >= sbyte.MinValue and <= sbyte.MaxValue)
        {
            WriteCoded(FormatCode.SmallLong, unchecked((byte)value));
        }
        else
        {
            WriteFullLong(value);
        }
    }

    /// <summary>Writes a long in 9 bytes (81), for readers that want exactly that: locked-until-utc.</summary>
    public void WriteFullLong(long value) => BinaryPrimitives.WriteInt64BigEndian(TakeCoded(FormatCode.Long, 8), value);

    /// <summary>Writes a float.</summary>
    public void WriteFloat(float value) => BinaryPrimitives.WriteSingleBigEndian(TakeCoded(FormatCode.Float, 4), value);

    /// <summary>Writes a double.</summary>
    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleBigEndian(TakeCoded(FormatCode.Double, 8), value);

    /// <summary>Writes a decimal128.</summary>
    public void WriteDecimal(decimal value) =>
        BinaryPrimitives.WriteUInt128BigEndian(TakeCoded(FormatCode.Decimal128, 16), DecimalBits.Write(value));

    /// <summary>Writes a char.</summary>
    public void WriteChar(Rune value) => BinaryPrimitives.WriteInt32BigEndian(TakeCoded(FormatCode.Char, 4), value.Value);

    /// <summary>Writes a char; a lone surrogate goes out as it is.</summary>
    public void WriteChar(char value) => BinaryPrimitives.WriteUInt32BigEndian(TakeCoded(FormatCode.Char, 4), value);

    /// <summary>Writes a timestamp of millisecond precision; unspecified kinds count as UTC.</summary>
    public void WriteTimestamp(DateTime value) => BinaryPrimitives.WriteInt64BigEndian(TakeCoded(FormatCode.Timestamp, 8), ToUnixMs(value));

    /// <summary>Writes an uuid in RFC 4122 order.</summary>
    public void WriteUuid(Guid value) => value.TryWriteBytes(TakeCoded(FormatCode.Uuid, 16), bigEndian: true, out _);

    /// <summary>Writes a binary.</summary>
    public void WriteBinary(ReadOnlySpan<byte> value) => value.CopyTo(TakeVariable(FormatCode.Binary8, FormatCode.Binary32, value.Length));

    /// <summary>Writes a string, or null.</summary>
    public void WriteString(string? value)
    {
        if (value is null)
        {
            WriteNull();
            return;
        }

        Encoding.UTF8.GetBytes(value, TakeVariable(FormatCode.String8, FormatCode.String32, Encoding.UTF8.GetByteCount(value)));
    }

    /// <summary>Writes a symbol, or null.</summary>
    public void WriteSymbol(string? value)
    {
        if (value is null)
        {
            WriteNull();
            return;
        }

        Encoding.ASCII.GetBytes(value, TakeVariable(FormatCode.Symbol8, FormatCode.Symbol32, value.Length));
    }

    /// <summary>Writes a described value's constructor and numeric descriptor; the value must follow.</summary>
    public void WriteDescriptor(ulong descriptor)
    {
        WriteByte(FormatCode.Described);
        WriteULong(descriptor);
    }

    /// <summary>Writes a map, or null.</summary>
    public void WriteMap(AmqpMap? value)
    {
        if (value is null)
        {
            WriteNull();
            return;
        }

        var start = BeginMap();
        foreach (var pair in value)
        {
            WriteValue(pair.Key);
            WriteValue(pair.Value);
        }

        End(start, value.Count * 2);
    }

    /// <summary>
    /// Writes any value that <see cref="AmqpReader.TryReadValue"/> may return,
    /// and also byte[], DateTimeOffset, typed arrays and lists of object.
    /// </summary>
    /// <exception cref="ArgumentException">The type has no AMQP counterpart.</exception>
    public void WriteValue(object? value) => ValueWriter.Write(this, value);

    /// <summary>Opens a list; write its items, then <see cref="End"/>.</summary>
    /// <returns>To be given to <see cref="End"/>.</returns>
    public int BeginList() => BeginCompound(FormatCode.List8);

    /// <summary>Opens a map; write keys and values in turn, then <see cref="End"/>.</summary>
    /// <returns>To be given to <see cref="End"/>.</returns>
    public int BeginMap() => BeginCompound(FormatCode.Map8);

    /// <summary>Closes the innermost open list or map.</summary>
    /// <param name="start">What its Begin returned.</param>
    /// <param name="count">Items written; for a map keys and values together.</param>
    public void End(int start, int count)
    {
        var size = _length - start - ShortCompoundHeader;
        if (size == 0 && _buffer[start] == FormatCode.List8)
        {
            _buffer[start] = FormatCode.List0;
            _length = start + 1;
            return;
        }

        if (size < byte.MaxValue && count <= byte.MaxValue)
        {
            _buffer[start + 1] = (byte)(size + 1);
            _buffer[start + 2] = (byte)count;
            return;
        }

        Take(LongCompoundHeader - ShortCompoundHeader);
        Buffer.BlockCopy(_buffer, start + ShortCompoundHeader, _buffer, start + LongCompoundHeader, size);
        _buffer[start] |= 0x10;
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start + 1), size + 4);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(start + 5), count);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _length), nameof(count));
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Gives the buffer back to the pool; the writer is empty and may be used again.</summary>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    internal static long ToUnixMs(DateTime value)
    {
        var utc = value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value;
        return (utc.Ticks - UnixEpochTicks) / TimeSpan.TicksPerMillisecond - (
            utc.Ticks < UnixEpochTicks && utc.Ticks % TimeSpan.TicksPerMillisecond != 0 ? 1 : 0);
    }

    internal void WriteByte(byte value)
    {
        Ensure(1);
        _buffer[_length++] = value;
    }

    internal Span<byte> TakeCoded(byte code, int width)
    {
        var span = Take(1 + width);
        span[0] = code;
        return span[1..];
    }

    internal Span<byte> Take(int count)
    {
        Ensure(count);
        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }

    internal void Truncate(int length) => _length = length;

    internal Span<byte> Written(int start) => _buffer.AsSpan(start, _length - start);

    private int BeginCompound(byte code)
    {
        var start = _length;
        Take(ShortCompoundHeader)[0] = code;
        return start;
    }

    private void WriteCoded(byte code, byte value)
    {
        Ensure(2);
        _buffer[_length] = code;
        _buffer[_length + 1] = value;
        _length += 2;
    }

    private Span<byte> TakeVariable(byte shortCode, byte longCode, int length)
    {
        if (length <= byte.MaxValue)
        {
            var span = Take(2 + length);
            span[0] = shortCode;
            span[1] = (byte)length;
            return span[2..];
        }

        var wide = Take(5 + length);
        wide[0] = longCode;
        BinaryPrimitives.WriteInt32BigEndian(wide[1..], length);
        return wide[5..];
    }

    private void Ensure(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Grow(count);
        }
    }

    private void Grow(int count)
    {
        var needed = _length + count;
        var doubled = (int)Math.Min(2L * _buffer.Length, Array.MaxLength);
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(needed, doubled), _initialCapacity));
        var old = _buffer;
        Buffer.BlockCopy(old, 0, larger, 0, _length);
        _buffer = larger;
        if (old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }
}
