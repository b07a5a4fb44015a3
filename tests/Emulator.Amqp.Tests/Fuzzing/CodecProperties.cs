using Emulator.Amqp.Messages;
using Emulator.Amqp.Tests.Framing;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// What holds for any bytes whatever: readers say yes or no, agree with each other and with the writer, and cost what the bytes are worth.
/// </summary>
internal static class CodecProperties
{
    // A reader's array budget of elements without bytes, boxed at worst,
    // and what a reader costs in any case; then objects around every byte.
    private const long FreeAllocation = 512 * 1024;
    private const long AllocationPerByte = 2048;

    /// <returns>What the bytes were taken for.</returns>
    /// <exception cref="Xunit.Sdk.XunitException">A property does not hold.</exception>
    public static CodecReading Check(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reading = new CodecReading(Frame(bytes), Value(bytes), Message(bytes));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(
            allocated <= FreeAllocation + (AllocationPerByte * bytes.Length),
            $"{bytes.Length} bytes made the readers allocate {allocated}.");
        return reading;
    }

    // What was written for a frame that decoded decodes to the same bytes again.
    private static bool Frame(byte[] bytes)
    {
        if (!FrameRoundTrip.TryRewrite(bytes, out var once, out _))
        {
            return false;
        }

        Assert.True(FrameRoundTrip.TryRewrite(once, out var twice, out _), "A frame that the codec wrote does not decode.");
        Assert.Equal(once, twice);
        return true;
    }

    private static bool Value(byte[] bytes)
    {
        var skipping = new AmqpReader(bytes);
        var reading = new AmqpReader(bytes);
        var skipped = skipping.TrySkip();
        if (!reading.TryReadValue(out var value))
        {
            return false;
        }

        Assert.True(skipped, "A value that can be read cannot be skipped.");
        Assert.Equal(reading.Position, skipping.Position);
        var once = Write(value);
        var again = new AmqpReader(once);
        Assert.True(again.TryReadValue(out var back) && again.AtEnd, "A value that the codec wrote cannot be read.");
        Assert.Equal(once, Write(back));

        // No prefix of a value is one.
        var cut = new AmqpReader(bytes.AsSpan(0, reading.Position - 1));
        Assert.False(cut.TryReadValue(out _), "A value without its last byte was read.");
        return true;
    }

    private static bool Message(byte[] bytes)
    {
        var isMessage = AmqpMessage.TryDecode(bytes, out var message);
        if (isMessage)
        {
            Assert.True(MessageSections.TryIndex(bytes, out _), "A message that decodes has no sections.");
            var once = message!.Encode();
            Assert.True(AmqpMessage.TryDecode(once, out var again), "A message that the codec wrote does not decode.");
            Assert.Equal(once, again.Encode());
        }

        var ranges = new List<Range>();
        if (MessageBatch.TryUnpack(bytes, ranges))
        {
            var end = 0;
            foreach (var range in ranges)
            {
                Assert.InRange(range.Start.Value, end, bytes.Length);
                Assert.InRange(range.End.Value, range.Start.Value, bytes.Length);
                end = range.End.Value;
            }
        }

        return isMessage;
    }

    private static byte[] Write(object? value)
    {
        using var writer = new AmqpWriter();
        writer.WriteValue(value);
        return writer.ToArray();
    }
}
