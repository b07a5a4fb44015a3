namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>SplitMix64: the same numbers for the same seed in every run and version, and free to make, one for each input.</summary>
internal sealed class FuzzRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The generator of one input of a run.</summary>
    public static FuzzRandom For(ulong seed, long input) => new(seed ^ (0x9E3779B97F4A7C15UL * unchecked((ulong)(input + 1))));

    public ulong NextULong()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15UL;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }

    /// <summary>0 to <paramref name="bound"/> - 1.</summary>
    public int Next(int bound) => (int)(unchecked((UInt128)NextULong() * (ulong)bound) >> 64);

    /// <summary>True once in <paramref name="times"/>.</summary>
    public bool OneIn(int times) => Next(times) == 0;

    public T Pick<T>(ReadOnlySpan<T> items) => items[Next(items.Length)];

    /// <summary>A number of any magnitude, zero and the largest among them.</summary>
    public ulong Magnitude(int bits)
    {
        var value = NextULong() >> (64 - bits);
        return OneIn(8) ? (OneIn(2) ? 0 : ulong.MaxValue >> (64 - bits)) : value >> Next(bits);
    }

    public void Fill(Span<byte> bytes)
    {
        foreach (ref var item in bytes)
        {
            item = unchecked((byte)NextULong());
        }
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }
}
