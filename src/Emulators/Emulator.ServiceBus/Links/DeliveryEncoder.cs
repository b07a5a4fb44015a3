using System.Buffers.Binary;
using System.Text;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// Writes what comes before a stored body: a fresh header and annotations, then the sender's properties as they came. Written by hand,
/// because every delivery passes here and all but the sender's own annotations have fixed sizes.
/// </summary>
internal static class DeliveryEncoder
{
    // header: 3 bytes of descriptor, list8 of 5 with at most 2 + 5 + 1 + 5 bytes. annotations: see the keys below, and each value's 9 or 5
    // bytes.
    private const int FixedBytes = 320;
    private const byte Described = 0x00;
    private const byte SmallULong = 0x53;

    /// <summary>Bytes that <see cref="Write"/> needs at most.</summary>
    public static int MaxLength(MessageSnapshot message) =>
        FixedBytes + message.Content.Annotations.Length + Encoding.UTF8.GetMaxByteCount(message.DeadLetterSource?.Length ?? 0)
        + message.Content.Properties.Length + message.Content.ApplicationProperties.Length;

    /// <summary>
    /// Writes header, message-annotations, properties and application-properties; the body follows on the wire as stored.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="withLock">Whether the reader holds its lock and is to know until when.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="withToken">Whether the lock token comes with the message, because no delivery has it as its tag.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(MessageSnapshot message, bool withLock, Span<byte> destination, bool withToken = false)
    {
        var writer = new SpanWriter(destination);
        WriteHeader(ref writer, message);
        if (withToken) WriteToken(ref writer, message.LockToken);
        WriteAnnotations(ref writer, message, withLock);
        var properties = writer.Length;
        writer.Raw(message.Content.Properties.Span);
        if (message.ExpiresAt != DateTimeOffset.MaxValue)
        {
            BrokerTimes.Overwrite(destination[properties..writer.Length], message.EnqueuedTime, message.ExpiresAt);
        }

        writer.Raw(message.Content.ApplicationProperties.Span);
        return writer.Length;
    }

    /// <summary>The whole message in one array, as management replies carry it.</summary>
    public static byte[] ToArray(MessageSnapshot message, bool withLock)
    {
        var head = new byte[MaxLength(message)];
        var length = Write(message, withLock, head, withToken: withLock);
        return [.. head.AsSpan(0, length), .. message.Content.Body.Span];
    }

    private static void WriteHeader(ref SpanWriter writer, MessageSnapshot message)
    {
        writer.Raw([Described, SmallULong, SectionCode.Header, 0xC0]);
        var size = writer.Reserve(1);
        writer.Byte(5);
        writer.Byte(message.Content.Durable ? (byte)0x41 : (byte)0x42);
        if (message.Content.Priority is { } priority) writer.Raw([0x50, priority]);
        else writer.Byte(0x40);
        if (message.Content.TimeToLive is { } timeToLive) writer.UInt((uint)Math.Min(Bounded(timeToLive, message).TotalMilliseconds, uint.MaxValue));
        else writer.Byte(0x40);
        writer.Byte(0x40);

        // Always explicit: the .NET client throws on an absent delivery count.
        writer.UInt((uint)message.DeliveryCount);
        writer.Patch(size, (byte)(writer.Length - size - 1));
    }

    /// <summary>What the sender asked for, or what the entity allowed where that was less.</summary>
    private static TimeSpan Bounded(TimeSpan timeToLive, MessageSnapshot message) =>
        message.ExpiresAt - message.EnqueuedTime is var given && given < timeToLive ? given : timeToLive;

    /// <summary>The older Python SDK looks nowhere else for the token of a deferred message.</summary>
    private static void WriteToken(ref SpanWriter writer, Guid token)
    {
        const byte Pairs = 2;
        writer.Raw([Described, SmallULong, SectionCode.DeliveryAnnotations, 0xC1]);
        var size = writer.Reserve(1);
        writer.Byte(Pairs);
        writer.SymbolKey("x-opt-lock-token"u8);
        writer.Uuid(token);
        writer.Patch(size, (byte)(writer.Length - size - 1));
    }

    private static void WriteAnnotations(ref SpanWriter writer, MessageSnapshot message, bool withLock)
    {
        writer.Raw([Described, SmallULong, SectionCode.MessageAnnotations, 0xD1]);
        var size = writer.Reserve(8);
        var pairs = 4 + message.Content.AnnotationCount;
        writer.SymbolKey("x-opt-sequence-number"u8);
        writer.Long(message.SequenceNumber);
        writer.SymbolKey("x-opt-enqueued-time"u8);
        writer.Timestamp(message.EnqueuedTime);
        writer.SymbolKey("x-opt-enqueue-sequence-number"u8);
        writer.Long(message.EnqueueSequenceNumber);
        writer.SymbolKey("x-opt-message-state"u8);
        writer.Int((int)message.State);
        if (withLock)
        {
            pairs++;
            writer.SymbolKey("x-opt-locked-until"u8);
            writer.Timestamp(message.LockedUntil);
        }

        if (message.DeadLetterSource is { } source)
        {
            pairs++;
            writer.SymbolKey("x-opt-deadletter-source"u8);
            writer.Text(source);
        }

        writer.Raw(message.Content.Annotations.Span);
        writer.PatchUInt32(size, (uint)(writer.Length - size - 4));
        writer.PatchUInt32(size + 4, (uint)(2 * pairs));
    }

    /// <summary>Appends encoded values to a span that is known to be long enough. AMQP 1.0 part 1, 1.6.</summary>
    private ref struct SpanWriter(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;

        public int Length { get; private set; }

        public void Byte(byte value) => _destination[Length++] = value;

        public void Raw(scoped ReadOnlySpan<byte> value)
        {
            value.CopyTo(_destination[Length..]);
            Length += value.Length;
        }

        public int Reserve(int count)
        {
            var at = Length;
            Length += count;
            return at;
        }

        public readonly void Patch(int at, byte value) => _destination[at] = value;

        public readonly void PatchUInt32(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_destination[at..], value);

        public void SymbolKey(scoped ReadOnlySpan<byte> name)
        {
            Byte(0xA3);
            Byte((byte)name.Length);
            Raw(name);
        }

        public void UInt(uint value)
        {
            if (value == 0)
            {
                Byte(0x43);
                return;
            }

            Byte(0x70);
            PatchUInt32(Reserve(4), value);
        }

        public void Int(int value)
        {
            Byte(0x71);
            BinaryPrimitives.WriteInt32BigEndian(_destination[Reserve(4)..], value);
        }

        public void Long(long value)
        {
            Byte(0x81);
            BinaryPrimitives.WriteInt64BigEndian(_destination[Reserve(8)..], value);
        }

        public void Timestamp(DateTimeOffset value)
        {
            Byte(0x83);
            BinaryPrimitives.WriteInt64BigEndian(_destination[Reserve(8)..], value.ToUnixTimeMilliseconds());
        }

        public void Uuid(Guid value)
        {
            Byte(0x98);
            value.TryWriteBytes(_destination[Reserve(16)..], bigEndian: true, out _);
        }

        public void Text(string value)
        {
            Byte(0xB1);
            var size = Reserve(4);
            Length += Encoding.UTF8.GetBytes(value, _destination[Length..]);
            PatchUInt32(size, (uint)(Length - size - 4));
        }
    }
}
