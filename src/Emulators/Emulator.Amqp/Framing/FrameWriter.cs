using System.Buffers.Binary;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Puts the 8-byte header around a frame body. AMQP 1.0 part 2, 2.3.1.</summary>
internal static class FrameWriter
{
    public const int HeaderSize = 8;
    public const byte AmqpType = 0;
    public const byte SaslType = 1;

    // doff 2: no extended header.
    private const byte DataOffset = 2;

    /// <returns>To be given to <see cref="End"/>.</returns>
    public static int Begin(AmqpWriter writer, byte type, ushort channel)
    {
        var start = writer.Length;
        var header = writer.Take(HeaderSize);
        header[4] = DataOffset;
        header[5] = type;
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], channel);
        return start;
    }

    public static void End(AmqpWriter writer, int start) =>
        BinaryPrimitives.WriteInt32BigEndian(writer.Written(start), writer.Length - start);

    public static void WriteHeartbeat(AmqpWriter writer) => End(writer, Begin(writer, AmqpType, 0));
}
