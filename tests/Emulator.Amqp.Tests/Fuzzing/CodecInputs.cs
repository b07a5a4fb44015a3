using System.Buffers.Binary;
using Emulator.Amqp.Tests.Framing;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// Inputs for everything that reads bytes: frames of real clients with changes that know where sizes are, values by grammar, and noise.
/// </summary>
internal static class CodecInputs
{
    private const int MostChanges = 4;
    private const int MostNoise = 300;

    // Constructors, and what tends to stand before and behind them.
    private static readonly byte[] Likely =
    [
        0x00, 0x40, 0x41, 0x45, 0x53, 0x70, 0x80, 0xa0, 0xa1, 0xa3, 0xb0, 0xb1, 0xc0, 0xc1, 0xd0, 0xd1, 0xe0, 0xf0, 0x10, 0x12, 0x14, 0x28,
        0x73, 0x75, 0xff, 0x01, 0x7f,
    ];
    private static readonly byte[][] Captured =
    [
        .. CapturedFrames.All.Select(Convert.FromHexString), .. CapturedFrames.Values.Select(Convert.FromHexString),
    ];

    public static byte[] Next(FuzzRandom random)
    {
        switch (random.Next(12))
        {
            case < 3: return Changed(random, Captured[random.Next(Captured.Length)]);
            case < 5: return TypedInputs.Frame(random);
            case < 6: return Changed(random, TypedInputs.Frame(random));
            case < 7: return TypedInputs.Message(random);
            case < 8: return Changed(random, TypedInputs.Message(random));
            case < 9: return Framed(random);
            case < 11: return Value(random);
            default: return Noise(random);
        }
    }

    private static byte[] Value(FuzzRandom random)
    {
        var value = new List<byte>();
        ValueInputs.Value(random, value, 0, lies: random.OneIn(2));
        return [.. value];
    }

    private static byte[] Noise(FuzzRandom random)
    {
        var noise = random.Bytes(random.Next(MostNoise));
        for (var i = 0; i < noise.Length; i++)
        {
            noise[i] = random.OneIn(3) ? noise[i] : random.Pick<byte>(Likely);
        }

        return noise;
    }

    private static byte[] Framed(FuzzRandom random)
    {
        var bytes = new List<byte> { 0, 0, 0, 0, 2, (byte)random.Next(2), 0, (byte)random.Next(4) };
        ValueInputs.Described(random, bytes, 0, lies: true);
        bytes.AddRange(random.Bytes(random.OneIn(4) ? random.Next(40) : 0));
        byte[] frame = [.. bytes];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        return frame;
    }

    private static byte[] Changed(FuzzRandom random, byte[] original)
    {
        var bytes = original.ToList();
        for (var changes = 1 + random.Next(MostChanges); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = 1 + random.Next(Math.Min(16, bytes.Count - at));
            switch (random.Next(8))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = random.Pick<byte>(Likely); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 4: bytes.InsertRange(at, random.Bytes(length)); break;
                case 5: bytes.RemoveRange(at, bytes.Count - at); break;
                case 6:
                    var other = Captured[random.Next(Captured.Length)];
                    var from = random.Next(other.Length);
                    bytes.InsertRange(at, other[from..Math.Min(other.Length, from + (4 * length))]);
                    break;
                default: ChangeSize(random, bytes, at); break;
            }
        }

        return [.. bytes];
    }

    // The next byte that may be the constructor of something with a size: changes the size or count behind it.
    private static void ChangeSize(FuzzRandom random, List<byte> bytes, int at)
    {
        var found = bytes.FindIndex(at, static code => code >> 4 is >= 0xa and <= 0xf);
        if (found < 0 || found + 1 >= bytes.Count)
        {
            return;
        }

        var isWide = (bytes[found] & 0x10) != 0;
        var field = found + 1 + (random.OneIn(2) ? 0 : isWide ? 4 : 1);
        for (var i = field; i < Math.Min(bytes.Count, field + (isWide ? 4 : 1)); i++)
        {
            bytes[i] = random.OneIn(2) ? unchecked((byte)random.NextULong()) : random.Pick<byte>([0x00, 0x01, 0x7f, 0x80, 0xff]);
        }
    }
}
