using System.Buffers.Binary;
using Emulator.Amqp.Types;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// The times of a stored properties section. What the sender put there counts from
/// the sender's clock; a receiver is told what the broker goes by: it expires at
/// the time of enqueuing plus the time to live. The creation time moves with it,
/// because the .NET client reads the time to live as the difference of the two.
/// </summary>
/// <remarks>
/// AMQP 1.0 part 3, section 3.2.4. Service Bus AMQP protocol guide: absolute-expiry-time
/// is ignored on input and authoritative on output, creation-time is not used;
/// "Message expiration": ExpiresAtUtc is EnqueuedTimeUtc + TimeToLive.
/// </remarks>
internal static class BrokerTimes
{
    private const int FieldsBefore = 8;
    private const byte List8 = 0xC0;
    private const byte List32 = 0xD0;
    private const byte Timestamp = 0x83;

    /// <summary>Writes the broker's times over the sender's; a section without them stays as it is.</summary>
    public static void Overwrite(Span<byte> properties, DateTimeOffset enqueuedTime, DateTimeOffset expiresAt)
    {
        if (!TryFind(properties, out var at)) return;
        BinaryPrimitives.WriteInt64BigEndian(properties[at..], expiresAt.ToUnixTimeMilliseconds());
        var creation = at + sizeof(long) + 1;
        if (creation + sizeof(long) > properties.Length || properties[creation - 1] != Timestamp) return;
        BinaryPrimitives.WriteInt64BigEndian(properties[creation..], enqueuedTime.ToUnixTimeMilliseconds());
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
