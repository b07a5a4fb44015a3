using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Relay.Protocol.Text;

/// <summary>
/// Forward reader over a whole JSON text (RFC 8259) that refuses what others
/// resolve differently: invalid UTF-8, a byte order mark, a repeated member
/// name at any depth, a member name written with escapes, an unpaired surrogate, bytes after the end. Allocates nothing and throws nothing;
/// depth and members per object are bounded.
/// </summary>
internal ref struct StrictJsonReader
{
    /// <summary>Deepest nesting of any JSON read here: 16.</summary>
    public const int MaxDepth = 16;

    /// <summary>Most members of one object where the caller says nothing else: 64, so that the duplicate check stays linear.</summary>
    public const int DefaultMaxMembers = 64;

    private static readonly SearchValues<byte> StringStop = SearchValues.Create(
        [
            (byte)'"', (byte)'\\', 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
            29, 30, 31,
        ]);

    private readonly ReadOnlySpan<byte> _json;

    // Names of every open object, innermost last: start and length of each in _json.
    private readonly Span<(int Start, int Length)> _names;
    private readonly int _maxMembers;
    private int _nameCount;

    // Where each open object's names begin in _names; -1 for an array.
    private Frames _frames;
    private int _depth;
    private int _position;
    private Expect _expect;
    private string? _expected;

    /// <param name="json">The whole text.</param>
    /// <param name="names">Scratch for the duplicate check: as many member names as may be open at once over all depths.</param>
    /// <param name="maxMembers">Most members of one object.</param>
    public StrictJsonReader(ReadOnlySpan<byte> json, Span<(int Start, int Length)> names, int maxMembers = DefaultMaxMembers)
    {
        _json = json;
        _names = names;
        _maxMembers = maxMembers;
        _expect = Expect.Value;
        if (Utf8.IsValid(json)) return;
        _position = ForeignBytes.FirstInvalidUtf8(json);
        Fail(JsonFault.Syntax, "UTF-8");
    }

    private enum Expect
    {
        Value,
        FirstElement,
        FirstName,
        Name,
        Separator,
        Nothing,
    }

    public JsonToken Token { get; private set; }

    public JsonFault Fault { get; private set; }

    /// <summary>Content of a string or name without its quotes and with escapes as written; text of a number.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public bool HasEscapes { get; private set; }

    /// <summary>Offset of the token's first byte.</summary>
    public int TokenStart { get; private set; }

    /// <summary>Offset of the string's or number's first byte.</summary>
    public int ValueStart { get; private set; }

    /// <summary>Offset after the token.</summary>
    public readonly int Position => _position;

    /// <summary>One sentence about <see cref="Fault"/>, without content beyond one byte.</summary>
    public readonly string Detail => Fault switch
    {
        JsonFault.None => "",
        JsonFault.Syntax when ForeignBytes.Describe(_json) is { } foreign => $"expected JSON in UTF-8, got {foreign}",
        JsonFault.Syntax or JsonFault.TooComplex => $"expected {_expected} at byte {_position}, got {Came()}",
        JsonFault.DuplicateMember => $"expected each member once, got {Excerpt.Of(Value)} again at byte {_position}",
    };

    /// <summary>Moves to the next token; false at a fault. After the outermost value the token is <see cref="JsonToken.End"/>.</summary>
    public bool Read()
    {
        if (Fault != JsonFault.None) return false;
        while (true)
        {
            SkipWhiteSpace();
            TokenStart = _position;
            if (_position == _json.Length)
            {
                if (_expect != Expect.Nothing) return Fail(JsonFault.Syntax, Wanted());
                Token = JsonToken.End;
                return true;
            }
            var next = _json[_position];
            switch (_expect)
            {
                case Expect.Value:
                    return ReadValue(next);
                case Expect.FirstElement:
                    return next == (byte)']' ? Close(JsonToken.EndArray) : ReadValue(next);
                case Expect.FirstName:
                    return next == (byte)'}' ? Close(JsonToken.EndObject) : ReadName(next);
                case Expect.Name:
                    return ReadName(next);
                case Expect.Separator:
                    var isArray = _frames[_depth - 1] < 0;
                    if (next == (isArray ? (byte)']' : (byte)'}')) return Close(isArray ? JsonToken.EndArray : JsonToken.EndObject);
                    if (next != (byte)',') return Fail(JsonFault.Syntax, Wanted());
                    _position++;
                    _expect = isArray ? Expect.Value : Expect.Name;
                    break;
                case Expect.Nothing:
                    return Fail(JsonFault.Syntax, Wanted());
            }
        }
    }

    /// <summary>After the start of an object or array: moves to its end. After anything else: stays.</summary>
    public bool Skip()
    {
        if (Token is not (JsonToken.StartObject or JsonToken.StartArray)) return Fault == JsonFault.None;
        var outer = _depth - 1;
        while (_depth > outer)
        {
            if (!Read()) return false;
        }
        return true;
    }

    /// <summary>Unescapes a string that must be ASCII; false when it is not, or does not fit.</summary>
    public readonly bool TryGetAscii(Span<char> destination, out int length)
    {
        length = 0;
        if (Token != JsonToken.String) return false;
        for (var i = 0; i < Value.Length; i++)
        {
            int c = Value[i];
            if (c == '\\') c = Unescape(ref i);
            if (c > 0x7f || length == destination.Length) return false;
            destination[length++] = (char)c;
        }
        return true;
    }

    /// <summary>A number that is a plain non-negative integer of at most 16 digits.</summary>
    public readonly bool TryGetInteger(out long value)
    {
        value = 0;
        if (Token != JsonToken.Number || Value.Length > 16) return false;
        foreach (var c in Value)
        {
            if (c is < (byte)'0' or > (byte)'9') return false;
            value = value * 10 + (c - '0');
        }
        return true;
    }

    // The escape was checked when the string was read.
    private readonly int Unescape(ref int index)
    {
        var c = Value[++index];
        switch (c)
        {
            case (byte)'b': return '\b';
            case (byte)'f': return '\f';
            case (byte)'n': return '\n';
            case (byte)'r': return '\r';
            case (byte)'t': return '\t';
            case (byte)'u':
                var code = Hex4(Value.Slice(index + 1, 4));
                index += 4;
                return code;
            default: return c;
        }
    }

    private bool ReadValue(byte next)
    {
        switch (next)
        {
            case (byte)'{':
                return Open(JsonToken.StartObject, _nameCount, Expect.FirstName);
            case (byte)'[':
                return Open(JsonToken.StartArray, -1, Expect.FirstElement);
            case (byte)'"':
                return ReadString(JsonToken.String) && AfterValue();
            case (byte)'t':
                return ReadLiteral("true"u8, JsonToken.True);
            case (byte)'f':
                return ReadLiteral("false"u8, JsonToken.False);
            case (byte)'n':
                return ReadLiteral("null"u8, JsonToken.Null);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return ReadNumber();
            default:
                return Fail(JsonFault.Syntax, Wanted());
        }
    }

    private bool Open(JsonToken token, int frame, Expect expect)
    {
        if (_depth == MaxDepth) return Fail(JsonFault.TooComplex, $"at most {MaxDepth} levels");
        _frames[_depth++] = frame;
        _position++;
        Token = token;
        _expect = expect;
        return true;
    }

    private bool Close(JsonToken token)
    {
        var frame = _frames[--_depth];
        if (frame >= 0) _nameCount = frame;
        _position++;
        Token = token;
        return AfterValue();
    }

    private bool AfterValue()
    {
        _expect = _depth == 0 ? Expect.Nothing : Expect.Separator;
        return true;
    }

    private bool ReadName(byte next)
    {
        if (next != (byte)'"') return Fail(JsonFault.Syntax, Wanted());
        if (!ReadString(JsonToken.Name)) return false;
        if (HasEscapes) return Fail(JsonFault.Syntax, "a member name without escapes");
        var frame = _frames[_depth - 1];
        for (var i = frame; i < _nameCount; i++)
        {
            var (start, length) = _names[i];
            if (length == Value.Length && _json.Slice(start, length).SequenceEqual(Value)) return Fail(JsonFault.DuplicateMember, "");
        }
        if (_nameCount - frame == _maxMembers || _nameCount == _names.Length)
        {
            return Fail(JsonFault.TooComplex, $"at most {_maxMembers} members in an object");
        }
        _names[_nameCount++] = (ValueStart, Value.Length);
        SkipWhiteSpace();
        if (_position == _json.Length || _json[_position] != (byte)':') return Fail(JsonFault.Syntax, "':'");
        _position++;
        _expect = Expect.Value;
        return true;
    }

    private bool ReadString(JsonToken token)
    {
        var start = ++_position;
        HasEscapes = false;
        while (true)
        {
            var stop = _json[_position..].IndexOfAny(StringStop);
            if (stop < 0)
            {
                _position = _json.Length;
                return Fail(JsonFault.Syntax, "the end of a string");
            }
            _position += stop;
            if (_json[_position] == (byte)'"') break;
            if (_json[_position] != (byte)'\\') return Fail(JsonFault.Syntax, "no control character in a string");
            HasEscapes = true;
            if (!ReadEscape()) return false;
        }
        Token = token;
        ValueStart = start;
        Value = _json[start.._position];
        _position++;
        return true;
    }

    private bool ReadEscape()
    {
        _position++;
        if (_position == _json.Length || !"\"\\/bfnrtu"u8.Contains(_json[_position]))
        {
            return Fail(JsonFault.Syntax, "an escape of RFC 8259 section 7");
        }
        if (_json[_position++] != (byte)'u') return true;
        if (!TryReadHex(out var code)) return false;
        if (code is < 0xd800 or > 0xdfff) return true;
        if (code > 0xdbff || !_json[_position..].StartsWith("\\u"u8)) return Fail(JsonFault.Syntax, "a surrogate pair");
        _position += 2;
        return TryReadHex(out code) && (code is >= 0xdc00 and <= 0xdfff || Fail(JsonFault.Syntax, "a low surrogate"));
    }

    private bool TryReadHex(out int code)
    {
        code = _json.Length - _position >= 4 ? Hex4(_json.Slice(_position, 4)) : -1;
        if (code < 0) return Fail(JsonFault.Syntax, "four hexadecimal digits");
        _position += 4;
        return true;
    }

    private static int Hex4(ReadOnlySpan<byte> digits)
    {
        var code = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit((char)c)) return -1;
            code = (code << 4) | (c <= (byte)'9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        return code;
    }

    // number = [ - ] int [ frac ] [ exp ], RFC 8259 section 6.
    private bool ReadNumber()
    {
        var start = _position;
        if (_json[_position] == (byte)'-') _position++;
        if (_position < _json.Length && _json[_position] == (byte)'0') _position++;
        else if (!ReadDigits()) return false;
        if (_position < _json.Length && _json[_position] == (byte)'.')
        {
            _position++;
            if (!ReadDigits()) return false;
        }
        if (_position < _json.Length && _json[_position] is (byte)'e' or (byte)'E')
        {
            _position++;
            if (_position < _json.Length && _json[_position] is (byte)'+' or (byte)'-') _position++;
            if (!ReadDigits()) return false;
        }
        Token = JsonToken.Number;
        ValueStart = start;
        Value = _json[start.._position];
        return AfterValue();
    }

    private bool ReadDigits()
    {
        var start = _position;
        while (_position < _json.Length && _json[_position] is >= (byte)'0' and <= (byte)'9')
        {
            _position++;
        }
        return _position > start || Fail(JsonFault.Syntax, "a digit");
    }

    private bool ReadLiteral(ReadOnlySpan<byte> literal, JsonToken token)
    {
        if (!_json[_position..].StartsWith(literal)) return Fail(JsonFault.Syntax, Wanted());
        _position += literal.Length;
        Token = token;
        return AfterValue();
    }

    private void SkipWhiteSpace()
    {
        while (_position < _json.Length && _json[_position] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _position++;
        }
    }

    private bool Fail(JsonFault fault, string expected)
    {
        Fault = fault;
        _expected = expected;
        return false;
    }

    private readonly string Wanted() => _expect switch
    {
        Expect.Value => "a value",
        Expect.FirstElement => "a value or ']'",
        Expect.FirstName => "a member name or '}'",
        Expect.Name => "a member name",
        Expect.Separator => _frames[_depth - 1] < 0 ? "',' or ']'" : "',' or '}'",
        Expect.Nothing => "the end",
    };

    private readonly string Came() => _position >= _json.Length ? "the end" : Excerpt.OfByte(_json[_position]);

    [InlineArray(MaxDepth)]
    private struct Frames
    {
        private int _element0;
    }
}
