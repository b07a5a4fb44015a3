using System.Buffers.Binary;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>A frame as its bytes say, without the library's performatives: what is checked must not be checked with itself.</summary>
/// <param name="Descriptor">Of the performative; 0 for a heartbeat.</param>
/// <param name="Channel">Of the frame.</param>
/// <param name="Fields">The performative's list.</param>
/// <param name="Payload">What stands behind it.</param>
/// <param name="Size">Bytes of the whole frame.</param>
internal sealed record WireFrame(ulong Descriptor, ushort Channel, IReadOnlyList<object?> Fields, byte[] Payload, int Size)
{
    public const ulong Open = 0x10;
    public const ulong Begin = 0x11;
    public const ulong Attach = 0x12;
    public const ulong Flow = 0x13;
    public const ulong Transfer = 0x14;
    public const ulong Disposition = 0x15;
    public const ulong Detach = 0x16;
    public const ulong End = 0x17;
    public const ulong Close = 0x18;
    public const ulong SaslInit = 0x41;
    public const ulong SaslOutcome = 0x44;

    private const int HeaderSize = 8;

    public uint? UInt(int field) => field < Fields.Count && Fields[field] is uint value ? value : null;

    public bool Bool(int field) => field < Fields.Count && Fields[field] is true;

    public bool Has(int field) => field < Fields.Count && Fields[field] is not null;

    /// <summary>The condition of an error field; null when there is none.</summary>
    public string? Error(int field) =>
        Described(field) is { Value: List<object?> { Count: > 0 } error } ? (error[0] as AmqpSymbol?)?.Value : null;

    /// <summary>The descriptor of a delivery state or terminus; 0 when there is none.</summary>
    public ulong State(int field) => Described(field)?.Descriptor as ulong? ?? 0;

    /// <summary>The condition inside a rejected state.</summary>
    public string? RejectedWith(int field) =>
        Described(field)?.Value is List<object?> { Count: > 0 } rejected
            && rejected[0] is AmqpDescribed { Value: List<object?> { Count: > 0 } error }
            ? (error[0] as AmqpSymbol?)?.Value
            : null;

    /// <summary>One frame around a described list.</summary>
    public static byte[] Write(
        ulong descriptor, ushort channel, IEnumerable<object?> fields, ReadOnlySpan<byte> payload = default, byte type = 0)
    {
        using var writer = new AmqpWriter();
        writer.WriteRaw([0, 0, 0, 0, 2, type, (byte)(channel >> 8), (byte)channel]);
        writer.WriteValue(new AmqpDescribed(descriptor, fields.ToList()));
        writer.WriteRaw(payload);
        var frame = writer.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        return frame;
    }

    /// <summary>Takes the frames out of what a machine wrote; protocol headers are left out.</summary>
    public static List<WireFrame> ReadAll(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<WireFrame>();
        while (!bytes.IsEmpty)
        {
            if (bytes.StartsWith("AMQP"u8))
            {
                bytes = bytes[HeaderSize..];
                continue;
            }

            var size = BinaryPrimitives.ReadInt32BigEndian(bytes);
            Assert.InRange(size, HeaderSize, bytes.Length);
            frames.Add(Read(bytes[..size]));
            bytes = bytes[size..];
        }

        return frames;
    }

    private static WireFrame Read(ReadOnlySpan<byte> frame)
    {
        var channel = BinaryPrimitives.ReadUInt16BigEndian(frame[6..]);
        if (frame.Length == HeaderSize)
        {
            return new WireFrame(0, channel, [], [], frame.Length);
        }

        var reader = new AmqpReader(frame[HeaderSize..]);
        Assert.True(reader.TryReadValue(out var value), "The machine wrote a frame that cannot be read.");
        var described = Assert.IsType<AmqpDescribed>(value);
        return new WireFrame(
            Assert.IsType<ulong>(described.Descriptor),
            channel,
            Assert.IsType<List<object?>>(described.Value),
            reader.Rest.ToArray(),
            frame.Length);
    }

    private AmqpDescribed? Described(int field) => field < Fields.Count ? Fields[field] as AmqpDescribed : null;
}
