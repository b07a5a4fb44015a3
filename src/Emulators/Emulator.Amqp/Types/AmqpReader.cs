using System.Buffers.Binary;
using System.Text;

namespace Emulator.Amqp.Types;

/// <summary>
/// Reads AMQP encoded values from a span. Never throws on bad input and never allocates from a peer's count. Not thread-safe.
/// </summary>
/// <remarks>A false return leaves the reader unusable for further reading. AMQP 1.0 part 1, 1.6.</remarks>
public ref struct AmqpReader
{
    /// <summary>Deepest nesting of compound and described values.</summary>
    public const int MaxDepth = 32;

    // Array elements such as null or uint0 take no bytes, so their count is
    // bounded by nothing on the wire. This is what one reader makes in all.
    private const int ZeroWidthElements = 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    private readonly ReadOnlySpan<byte> _source;
    private int _position;
    private int _zeroWidthLeft;

    /// <summary>Starts at the first byte.</summary>
    public AmqpReader(ReadOnlySpan<byte> source)
    {
        _source = source;
        _zeroWidthLeft = ZeroWidthElements;
    }

    /// <summary>Bytes read.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes not yet read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _source[_position..];

    /// <summary>True when every byte was read.</summary>
    public readonly bool AtEnd => _position == _source.Length;

    private readonly int Left => _source.Length - _position;

    /// <summary>
    /// Reads any value: null, the primitive C# types, <see cref="AmqpSymbol"/>, <see cref="ReadOnlyMemory{T}"/>
    /// of byte for binary, List of object, <see cref="AmqpMap"/>, typed arrays, <see cref="AmqpDescribed"/>.
    /// </summary>
    /// <remarks>
    /// timestamp is a UTC <see cref="DateTime"/>, clamped to its range; char is
    /// <see cref="char"/>, or <see cref="Rune"/> beyond U+FFFF; decimals that
    /// <see cref="decimal"/> cannot hold are <see cref="AmqpDecimal"/>; ubyte arrays
    /// are <see cref="AmqpUByteArray"/>; arrays of arrays or nulls are object[].
    /// </remarks>
    public bool TryReadValue(out object? value) => ValueReader.TryRead(ref this, 0, out value);

    /// <summary>Skips any value, described ones with their descriptor.</summary>
    public bool TrySkip()
    {
        // A described value is two values to skip; each turn of the loop skips one constructor.
        for (int pending = 1, turns = 0; pending > 0; pending--, turns++)
        {
            if (turns > 2 * MaxDepth || !TryReadByte(out var code))
            {
                return false;
            }

            if (code == FormatCode.Described)
            {
                pending += 2;
            }
            else if (!FormatCode.IsKnown(code) || !TrySkipBody(code))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Reads the descriptor of a described value, numeric or one of the symbols of this library's types; the value follows.
    /// </summary>
    /// <returns>False when there is no described value, or its symbol is not known.</returns>
    public bool TryReadDescriptor(out ulong descriptor)
    {
        descriptor = 0;
        if (!TryReadByte(out var code) || code != FormatCode.Described || !TryReadByte(out code))
        {
            return false;
        }

        switch (code)
        {
            case FormatCode.SmallULong:
                if (!TryReadByte(out var small))
                {
                    return false;
                }

                descriptor = small;
                return true;
            case FormatCode.ULong0:
                return true;
            case FormatCode.ULong:
                if (!TryTake(8, out var wide))
                {
                    return false;
                }

                descriptor = BinaryPrimitives.ReadUInt64BigEndian(wide);
                return true;
            case FormatCode.Symbol8 or FormatCode.Symbol32:
                return TryReadVariable(code, out var symbol) && Descriptor.TryFromSymbol(symbol, out descriptor);
            default:
                return false;
        }
    }

    /// <summary>Reads a binary without copying; null gives false in <paramref name="present"/>.</summary>
    public bool TryReadBinary(out ReadOnlySpan<byte> value, out bool present)
    {
        value = default;
        present = false;
        if (!TryReadByte(out var code))
        {
            return false;
        }

        if (code == FormatCode.Null)
        {
            return true;
        }

        present = true;
        return code is FormatCode.Binary8 or FormatCode.Binary32 && TryReadVariable(code, out value);
    }

    /// <summary>Reads a map, or null.</summary>
    public bool TryReadMap(out AmqpMap? value)
    {
        value = null;
        if (!ValueReader.TryRead(ref this, 0, out var any))
        {
            return false;
        }

        value = any as AmqpMap;
        return any is null or AmqpMap;
    }

    internal readonly bool TryPeek(out byte code)
    {
        code = Left > 0 ? _source[_position] : (byte)0;
        return Left > 0;
    }

    internal bool TryReadByte(out byte value)
    {
        if (_position >= _source.Length)
        {
            value = 0;
            return false;
        }

        value = _source[_position++];
        return true;
    }

    internal bool TryTake(int length, out ReadOnlySpan<byte> bytes)
    {
        if ((uint)length > (uint)Left)
        {
            bytes = default;
            return false;
        }

        bytes = _source.Slice(_position, length);
        _position += length;
        return true;
    }

    /// <summary>The data of a binary, string or symbol whose constructor was read.</summary>
    internal bool TryReadVariable(byte code, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryReadLength(wide: code >> 4 is 0xb, out var length) && TryTake(length, out bytes);
    }

    /// <summary>
    /// Enters a list, map or array whose constructor was read: its body after
    /// the count, and the count, which the body can hold one byte each.
    /// </summary>
    internal bool TryReadCompound(byte code, out ReadOnlySpan<byte> body, out int count)
    {
        body = default;
        count = 0;
        if (code == FormatCode.List0)
        {
            return true;
        }

        var wide = (code & 0x10) != 0;
        if (!TryReadLength(wide, out var size) || !TryTake(size, out var all))
        {
            return false;
        }

        var countWidth = wide ? 4 : 1;
        if (all.Length < countWidth)
        {
            return false;
        }

        var announced = wide ? BinaryPrimitives.ReadUInt32BigEndian(all) : all[0];
        body = all[countWidth..];
        if (announced > int.MaxValue)
        {
            return false;
        }

        count = (int)announced;
        return code >> 4 is 0xe or 0xf || count <= body.Length;
    }

    /// <summary>Takes array elements without bytes from the reader's budget.</summary>
    internal bool TrySpendZeroWidth(int count)
    {
        if (count > _zeroWidthLeft)
        {
            return false;
        }

        _zeroWidthLeft -= count;
        return true;
    }

    internal static AmqpReader Nested(ReadOnlySpan<byte> body, scoped in AmqpReader parent) =>
        new(body) { _zeroWidthLeft = parent._zeroWidthLeft };

    internal void Adopt(scoped in AmqpReader nested) => _zeroWidthLeft = nested._zeroWidthLeft;

    internal static string DecodeString(ReadOnlySpan<byte> utf8) => Utf8.GetString(utf8);

    private bool TrySkipBody(byte code)
    {
        var width = FormatCode.FixedWidth(code);
        if (width < 0)
        {
            var wide = code >> 4 is 0xb or 0xd or 0xf;
            return TryReadLength(wide, out width) && TryTake(width, out _);
        }

        return TryTake(width, out _);
    }

    private bool TryReadLength(bool wide, out int length)
    {
        length = 0;
        if (!wide)
        {
            var ok = TryReadByte(out var small);
            length = small;
            return ok;
        }

        if (!TryTake(4, out var bytes))
        {
            return false;
        }

        var large = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (large > (uint)Left)
        {
            return false;
        }

        length = (int)large;
        return true;
    }
}
