using System.Buffers.Binary;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// Performatives, delivery states, termini and message sections with fields of their right types, a few missing and now and then one wrong.
/// </summary>
internal static class TypedInputs
{
    // One letter a field: s string, y symbol, u uint, h ushort, l ulong, b
    // boolean, B ubyte, x binary, t timestamp, m map of symbols, M map of strings,
    // Y one symbol or an array, S source, T target, D delivery state, E error,
    // i message id, * anything. A capital R before one: it is required.
    private static readonly Dictionary<byte, string> Fields = new()
    {
        [0x10] = "RssuhuYYYYm",
        [0x11] = "hRuRuRuuYYm",
        [0x12] = "RsRuRbBBSTMbulYYm",
        [0x13] = "uRuRuRuuuuubbm",
        [0x14] = "RuuxubbBDbbb",
        [0x15] = "RbRuubDb",
        [0x16] = "RubE",
        [0x17] = "E",
        [0x18] = "E",
        [0x1d] = "Rysm",
        [0x23] = "RuRl",
        [0x24] = "",
        [0x25] = "E",
        [0x26] = "",
        [0x27] = "bbm",
        [0x28] = "suyubmymDYY",
        [0x29] = "suyubmY",
        [0x30] = "Y",
        [0x31] = "*",
        [0x32] = "Rxb",
        [0x33] = "Rx",
        [0x34] = "RxD",
        [0x40] = "RY",
        [0x41] = "Ryxs",
        [0x44] = "RBx",
        [0x70] = "bBubu",
        [0x73] = "ixsssiyyttsus",
    };

    private static readonly byte[] Performatives = [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x40, 0x41, 0x44];
    private static readonly byte[] States = [0x23, 0x24, 0x25, 0x26, 0x27, 0x33, 0x34];
    private static readonly byte[] Texts = "abcxyz:-/$."u8.ToArray();

    /// <summary>A frame, its payload behind the performative when it is a transfer.</summary>
    public static byte[] Frame(FuzzRandom random)
    {
        var descriptor = random.Pick<byte>(Performatives);
        var bytes = new List<byte> { 0, 0, 0, 0, 2, (byte)(descriptor >= 0x40 ? 1 : 0), 0, (byte)random.Next(4) };
        Composite(random, bytes, descriptor, 0);
        if (descriptor == 0x14)
        {
            bytes.AddRange(Message(random));
        }

        byte[] frame = [.. bytes];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        return frame;
    }

    /// <summary>A message with any of its sections, one body, and rarely one section out of place.</summary>
    public static byte[] Message(FuzzRandom random)
    {
        var bytes = new List<byte>();
        if (random.OneIn(2)) Composite(random, bytes, 0x70, 0);
        if (random.OneIn(3)) Section(bytes, 0x71, () => Map(random, bytes, symbols: true));
        if (random.OneIn(2)) Section(bytes, 0x72, () => Map(random, bytes, symbols: true));
        if (random.OneIn(2)) Composite(random, bytes, 0x73, 0);
        if (random.OneIn(2)) Section(bytes, 0x74, () => Map(random, bytes, symbols: false));
        switch (random.Next(4))
        {
            case 0: Section(bytes, 0x77, () => ValueInputs.Value(random, bytes, 1, lies: false)); break;
            case 1: Section(bytes, 0x76, () => Sized(bytes, 0xd0, (uint)0, [])); break;
            default:
                for (var sections = random.Next(3); sections >= 0; sections--)
                {
                    Section(bytes, 0x75, () => Variable(bytes, 0xb0, random.Bytes(random.Next(30))));
                }

                break;
        }

        if (random.OneIn(6)) Section(bytes, 0x78, () => Map(random, bytes, symbols: true));
        if (random.OneIn(20)) Composite(random, bytes, random.OneIn(2) ? (byte)0x70 : (byte)0x73, 0);
        return [.. bytes];
    }

    private static void Section(List<byte> bytes, byte descriptor, Action write)
    {
        bytes.AddRange([0x00, 0x53, descriptor]);
        write();
    }

    private static void Composite(FuzzRandom random, List<byte> bytes, byte descriptor, int depth)
    {
        var kinds = Fields[descriptor];
        var body = new List<byte>();
        var count = 0;
        var isRequired = false;
        var end = random.OneIn(3) ? random.Next(kinds.Length + 1) : kinds.Length;
        for (var i = 0; i < kinds.Length; i++)
        {
            if (kinds[i] == 'R')
            {
                isRequired = true;
                continue;
            }

            // Trailing fields may be left out.
            if (isRequired || i < end)
            {
                count++;
                Field(random, body, kinds[i], isRequired, depth);
            }

            isRequired = false;
            end = i >= end ? Math.Min(end, i) : end;
        }

        bytes.AddRange([0x00, 0x53, descriptor]);
        Sized(bytes, 0xc0, (uint)count, body);
    }

    private static void Field(FuzzRandom random, List<byte> bytes, char kind, bool isRequired, int depth)
    {
        if (random.OneIn(150))
        {
            ValueInputs.Value(random, bytes, 2, lies: false);
            return;
        }

        if (!isRequired && random.Next(5) < 2)
        {
            bytes.Add(0x40);
            return;
        }

        switch (kind)
        {
            case 's': Variable(bytes, random.OneIn(4) ? (byte)0xb1 : (byte)0xa1, Text(random)); break;
            case 'y': Variable(bytes, 0xa3, Text(random)); break;
            case 'u': UInt(random, bytes); break;
            case 'h': bytes.Add(0x60); bytes.AddRange(random.Bytes(2)); break;
            case 'l': bytes.Add(0x80); bytes.AddRange(random.Bytes(8)); break;
            case 'b': bytes.Add(random.OneIn(2) ? (byte)0x41 : (byte)0x42); break;
            case 'B': bytes.AddRange([0x50, (byte)random.Next(5)]); break;
            case 'x': Variable(bytes, 0xa0, random.Bytes(random.Next(34))); break;
            case 't': bytes.Add(0x83); bytes.AddRange(random.Bytes(8)); break;
            case 'm': Map(random, bytes, symbols: true); break;
            case 'M': Map(random, bytes, symbols: false); break;
            case 'Y': Symbols(random, bytes); break;
            case 'S': Composite(random, bytes, 0x28, depth + 1); break;
            case 'T': Composite(random, bytes, random.OneIn(6) ? (byte)0x30 : (byte)0x29, depth + 1); break;
            case 'D': Composite(random, bytes, random.Pick<byte>(depth > 1 ? [0x24, 0x25, 0x26] : States), depth + 1); break;
            case 'E': Composite(random, bytes, 0x1d, depth + 1); break;
            case 'i' when random.OneIn(2): Variable(bytes, 0xa1, Text(random)); break;
            case 'i': bytes.Add(0x98); bytes.AddRange(random.Bytes(16)); break;
            default: ValueInputs.Value(random, bytes, 2, lies: false); break;
        }
    }

    private static void UInt(FuzzRandom random, List<byte> bytes)
    {
        var value = (uint)random.Magnitude(32);
        if (value == 0)
        {
            bytes.Add(0x43);
        }
        else if (value <= byte.MaxValue)
        {
            bytes.AddRange([0x52, (byte)value]);
        }
        else
        {
            bytes.Add(0x70);
            BigEndian(bytes, value);
        }
    }

    private static void Symbols(FuzzRandom random, List<byte> bytes)
    {
        if (random.OneIn(2))
        {
            Variable(bytes, 0xa3, Text(random));
            return;
        }

        var body = new List<byte> { 0xa3 };
        var count = random.Next(4);
        for (var i = 0; i < count; i++)
        {
            var text = Text(random);
            body.Add((byte)text.Length);
            body.AddRange(text);
        }

        Sized(bytes, 0xe0, (uint)count, body);
    }

    private static void Map(FuzzRandom random, List<byte> bytes, bool symbols)
    {
        var body = new List<byte>();
        var pairs = random.Next(4);
        for (var i = 0; i < pairs; i++)
        {
            Variable(body, symbols ? (byte)0xa3 : (byte)0xa1, Text(random));
            ValueInputs.Value(random, body, 3, lies: false);
        }

        Sized(bytes, 0xc1, 2 * (uint)pairs, body);
    }

    private static byte[] Text(FuzzRandom random)
    {
        var text = new byte[random.Next(9)];
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = random.Pick<byte>(Texts);
        }

        return text;
    }

    private static void Variable(List<byte> bytes, byte code, byte[] data)
    {
        bytes.Add(code);
        if (code < 0xb0)
        {
            bytes.Add((byte)data.Length);
        }
        else
        {
            BigEndian(bytes, (uint)data.Length);
        }

        bytes.AddRange(data);
    }

    private static void Sized(List<byte> bytes, byte code, uint count, List<byte> body)
    {
        var isWide = (code & 0x10) != 0 || body.Count + 1 > byte.MaxValue;
        bytes.Add((byte)(isWide ? code | 0x10 : code));
        if (isWide)
        {
            BigEndian(bytes, (uint)body.Count + 4);
            BigEndian(bytes, count);
        }
        else
        {
            bytes.AddRange([(byte)(body.Count + 1), (byte)count]);
        }

        bytes.AddRange(body);
    }

    private static void BigEndian(List<byte> bytes, uint value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, value);
        bytes.AddRange(four);
    }
}
