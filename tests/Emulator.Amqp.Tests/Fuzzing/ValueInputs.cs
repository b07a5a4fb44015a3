using System.Buffers.Binary;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// Encoded values by the grammar of AMQP 1.0 part 1, 1.6: every constructor, wide and narrow, sometimes with a size or count that lies.
/// </summary>
internal static class ValueInputs
{
    private const int MostBytes = 2048;
    private const int MostItems = 6;

    private static readonly byte[] Fixed =
    [
        0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x60, 0x61, 0x70, 0x71, 0x72, 0x73, 0x74, 0x80, 0x81,
        0x82, 0x83, 0x84, 0x94, 0x98,
    ];
    private static readonly byte[] Variable = [0xa0, 0xa1, 0xa3, 0xb0, 0xb1, 0xb3];
    private static readonly byte[] Compound = [0xc0, 0xc1, 0xd0, 0xd1];
    private static readonly byte[] Arrays = [0xe0, 0xf0];
    private static readonly byte[] Descriptors =
    [
        0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x1d, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x30, 0x31, 0x32, 0x33, 0x34,
        0x40, 0x41, 0x44, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78,
    ];

    /// <summary>Appends one value.</summary>
    /// <param name="lies">Whether sizes and counts may be wrong.</param>
    public static void Value(FuzzRandom random, List<byte> bytes, int depth, bool lies)
    {
        var choice = random.Next(depth > 3 || bytes.Count > MostBytes ? 8 : 14);
        if (choice < 5)
        {
            var code = random.Pick<byte>(Fixed);
            bytes.Add(code);
            FixedData(random, bytes, code, lies);
        }
        else if (choice < 8)
        {
            var code = random.Pick<byte>(Variable);
            bytes.Add(code);
            VariableData(random, bytes, code, lies);
        }
        else if (choice < 11)
        {
            CompoundValue(random, bytes, depth, lies);
        }
        else if (choice < 12)
        {
            Array(random, bytes, depth, lies);
        }
        else
        {
            Described(random, bytes, depth, lies);
        }
    }

    /// <summary>Appends a described list of few fields, the shape of every performative and delivery state.</summary>
    public static void Described(FuzzRandom random, List<byte> bytes, int depth, bool lies)
    {
        bytes.Add(0x00);
        if (random.OneIn(12))
        {
            Value(random, bytes, depth + 1, lies);
        }
        else
        {
            bytes.Add(0x53);
            bytes.Add(random.Pick<byte>(Descriptors));
        }

        if (random.OneIn(6))
        {
            Value(random, bytes, depth + 1, lies);
        }
        else
        {
            CompoundValue(random, bytes, depth, lies);
        }
    }

    private static void CompoundValue(FuzzRandom random, List<byte> bytes, int depth, bool lies)
    {
        var code = random.Pick<byte>(Compound);
        var count = random.Next(MostItems);
        count = (code & 1) != 0 && !lies ? count * 2 : count;
        var body = new List<byte>();
        for (var i = 0; i < count; i++)
        {
            Value(random, body, depth + 1, lies);
        }

        Sized(random, bytes, code, (uint)count, body, lies);
    }

    private static void Array(FuzzRandom random, List<byte> bytes, int depth, bool lies)
    {
        var element = random.Next(10) switch
        {
            < 6 => random.Pick<byte>(Fixed),
            < 9 => random.Pick<byte>(Variable),
            _ => random.Pick<byte>(Compound),
        };
        var count = random.Next(MostItems);
        var body = new List<byte> { element };
        for (var i = 0; i < count; i++)
        {
            if (element < 0xa0)
            {
                FixedData(random, body, element, lies);
            }
            else if (element < 0xc0)
            {
                VariableData(random, body, element, lies);
            }
            else
            {
                // The constructor stands once, before the elements.
                var item = new List<byte>();
                var items = random.Next(2) * 2;
                for (var k = 0; k < items; k++)
                {
                    Value(random, item, depth + 2, lies);
                }

                var sized = new List<byte>();
                Sized(random, sized, element, (uint)items, item, lies);
                body.AddRange(sized.Skip(1));
            }
        }

        Sized(random, bytes, random.Pick<byte>(Arrays), (uint)count, body, lies);
    }

    private static void FixedData(FuzzRandom random, List<byte> bytes, byte code, bool lies)
    {
        var width = (code >> 4) switch { 4 => 0, 5 => 1, 6 => 2, 7 => 4, 8 => 8, _ => 16 };
        var data = random.Bytes(width);
        if (code == 0x56 && !lies)
        {
            data[0] &= 1;
        }
        else if (code == 0x73 && !lies)
        {
            // A char beyond the last code point, or in the middle of surrogates, is refused.
            BinaryPrimitives.WriteUInt32BigEndian(data, (uint)random.Next(0xd800));
        }

        bytes.AddRange(data);
    }

    private static void VariableData(FuzzRandom random, List<byte> bytes, byte code, bool lies)
    {
        var data = random.Bytes(random.Next(random.OneIn(20) ? 300 : 12));
        if (code is 0xa1 or 0xb1 or 0xa3 or 0xb3)
        {
            for (var i = 0; i < data.Length; i++)
            {
                data[i] = lies && random.OneIn(30) ? data[i] : (byte)(0x20 + (data[i] % 0x5f));
            }
        }

        if (code < 0xb0)
        {
            data = data.Length > byte.MaxValue ? data[..byte.MaxValue] : data;
            bytes.Add(unchecked((byte)Size(random, (uint)data.Length, lies)));
        }
        else
        {
            UInt(bytes, Size(random, (uint)data.Length, lies));
        }

        bytes.AddRange(data);
    }

    private static void Sized(FuzzRandom random, List<byte> bytes, byte code, uint count, List<byte> body, bool lies)
    {
        var isWide = (code & 0x10) != 0 || body.Count + 1 > byte.MaxValue;
        bytes.Add((byte)(isWide ? code | 0x10 : code));
        if (isWide)
        {
            UInt(bytes, Size(random, (uint)body.Count + 4, lies));
            UInt(bytes, Size(random, count, lies));
        }
        else
        {
            bytes.Add(unchecked((byte)Size(random, (uint)body.Count + 1, lies)));
            bytes.Add(unchecked((byte)Size(random, count, lies)));
        }

        bytes.AddRange(body);
    }

    private static uint Size(FuzzRandom random, uint real, bool lies)
    {
        if (!lies || !random.OneIn(12))
        {
            return real;
        }

        return random.Next(4) switch
        {
            0 => unchecked(real + 1),
            1 => unchecked(real - 1),
            2 => 1024u << random.Next(4),
            _ => (uint)random.Magnitude(32),
        };
    }

    private static void UInt(List<byte> bytes, uint value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, value);
        bytes.AddRange(four);
    }
}
