using System.Buffers.Binary;
using Emulator.Amqp.Types;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// The field absolute-expiry-time of a stored properties section. What the sender put there counts from the sender's clock; a receiver is told what the broker
/// goes by: the time of enqueuing plus the time to live.
/// </summary>
/// <remarks>AMQP 1.0 part 3, section 3.2.4; Service Bus documentation, "Message expiration": ExpiresAtUtc is EnqueuedTimeUtc + TimeToLive.</remarks>
internal static class ExpiryField
{
    private const int FieldsBefore = 8;
    private const byte List8 = 0xC0;
    private const byte List32 = 0xD0;
    private const byte Timestamp = 0x83;

    /// <summary>Writes the time over the sender's; a section without the field stays as it is.</summary>
    public static void Overwrite(Span<byte> properties, DateTimeOffset expiresAt)
    {
        if (TryFind(properties, out var at)) BinaryPrimitives.WriteInt64BigEndian(properties[at..], expiresAt.ToUnixTimeMilliseconds());
    }

    /// <summary>Where the 8 bytes of the timestamp begin.</summary>
    private static bool TryFind(ReadOnlySpan<byte> properties, out int at)
    {
        at = 0;
        var reader = new AmqpReader(properties);
        if (!reader.TryReadDescriptor(out _) || reader.AtEnd) return false;
        var head = properties[reader.Position] switch { List8 => 3, List32 => 9, _ => 0 };
        var start = reader.Position + head;
        if (head == 0 || start >= properties.Length) return false;
        var fields = new AmqpReader(properties[start..]);
        for (var field = 0; field < FieldsBefore; field++)
        {
            if (fields.AtEnd || !fields.TrySkip()) return false;
        }

        at = start + fields.Position + 1;
        return at + sizeof(long) <= properties.Length && properties[at - 1] == Timestamp;
    }
}
