using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Framing;

/// <summary>Valid input cut short, changed by a byte, or random: readers say no and nothing else.</summary>
public sealed class MutationTests
{
    private static readonly byte[] AllValues = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
    private static readonly byte[] Bits = [1, 2, 4, 8, 16, 32, 64, 128];
    private static readonly byte[] Codes = [0x00, 0x40, 0x45, 0xb0, 0xd0, 0xd1, 0xf0, 0xff];

    [Fact]
    public void TryRewrite_EveryPrefixOfEveryFrame_NeverThrows()
    {
        foreach (var hex in CapturedFrames.All)
        {
            var frame = Convert.FromHexString(hex);
            for (var length = 0; length < frame.Length; length++)
            {
                Exercise(frame.AsSpan(0, length));
            }
        }
    }

    [Fact]
    public void TryRewrite_EveryByteOfEveryFrameSetToEveryValue_NeverThrows()
    {
        foreach (var hex in CapturedFrames.All)
        {
            var frame = Convert.FromHexString(hex);
            for (var i = 0; i < frame.Length; i++)
            {
                var original = frame[i];
                // Long frames repeat the shapes of short ones: there, every bit and the codes of compound and empty types are enough.
                foreach (var value in frame.Length <= 48 ? AllValues : [.. Bits.Select(bit => (byte)(original ^ bit)), .. Codes])
                {
                    frame[i] = value;
                    Exercise(frame);
                }

                frame[i] = original;
            }
        }
    }

    [Fact]
    public void TryRewrite_RandomBytes_NeverThrows()
    {
        var seed = Environment.TickCount;
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("RELAY_FUZZ_ROUNDS"), out var asked) ? asked : 30_000;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {rounds} rounds (RELAY_FUZZ_ROUNDS)");
        var random = new Random(seed);
        byte[] likely =
        [
            0x00, 0x40, 0x45, 0x53, 0xa0, 0xa1, 0xb0, 0xb1, 0xc0, 0xc1, 0xd0, 0xd1, 0xe0, 0xf0, 0x10, 0x12, 0x14, 0x28, 0x70, 0x73, 0x75,
            0xff, 0x01,
        ];
        var buffer = new byte[256];
        for (var round = 0; round < rounds; round++)
        {
            var bytes = buffer.AsSpan(0, random.Next(buffer.Length));
            random.NextBytes(bytes);
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = random.Next(3) > 0 ? likely[random.Next(likely.Length)] : bytes[i];
            }

            Exercise(bytes);
        }
    }

    // Every reader over the same bytes, framed and bare.
    private static void Exercise(ReadOnlySpan<byte> bytes)
    {
        FrameRoundTrip.TryRewrite(bytes, out _, out _);
        var skipping = new AmqpReader(bytes);
        var reading = new AmqpReader(bytes);
        var skipped = skipping.TrySkip();
        if (reading.TryReadValue(out var value))
        {
            // What can be read can be skipped over the same bytes, and written and read again.
            Assert.True(skipped);
            Assert.Equal(reading.Position, skipping.Position);
            using var writer = new AmqpWriter();
            writer.WriteValue(value);
            var again = new AmqpReader(writer.WrittenSpan);
            Assert.True(again.TryReadValue(out _));
        }

        if (AmqpMessage.TryDecode(bytes.ToArray(), out var message))
        {
            message.Encode();
        }

        MessageBatch.TryUnpack(bytes, []);
    }
}
