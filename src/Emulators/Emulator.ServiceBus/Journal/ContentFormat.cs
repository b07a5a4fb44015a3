using System.Buffers.Binary;
using System.Text;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Journal;

/// <summary>How a content is laid out on disk: a head with all but the body, then the body to the end.</summary>
/// <remarks>
/// Head, little-endian: flags (1 byte), priority (1), annotation count (4), time to
/// live and scheduled time in ticks (8 each), lengths of message id, session id,
/// annotations, properties and application properties (4 each), hops (1), then
/// those in that order. Files hold it: a change needs a new schema version.
/// </remarks>
internal static class ContentFormat
{
    private const int FixedBytes = 43;
    private const byte Durable = 1;
    private const byte HasPriority = 2;
    private const byte HasTimeToLive = 4;
    private const byte HasSchedule = 8;
    private const byte HasSession = 16;

    /// <summary>
    /// Whether two versions of a content have the same head; the sections are compared by where they are, not byte by byte.
    /// </summary>
    public static bool IsSameHead(MessageContent one, MessageContent other) =>
        ReferenceEquals(one, other)
        || (one.Annotations.Equals(other.Annotations)
            && one.AnnotationCount == other.AnnotationCount
            && one.Properties.Equals(other.Properties)
            && one.ApplicationProperties.Equals(other.ApplicationProperties)
                && one.Durable == other.Durable
                && one.Priority == other.Priority
            && one.MessageId == other.MessageId
                && one.SessionId == other.SessionId
                && one.TimeToLive == other.TimeToLive
                && one.ScheduledEnqueueTime == other.ScheduledEnqueueTime
                && one.Hops == other.Hops);

    /// <summary>Writes the head, and the body when asked.</summary>
    /// <param name="content">The content.</param>
    /// <param name="withBody">Whether the body follows.</param>
    /// <param name="buffer">Grown when too small.</param>
    /// <returns>What was written, valid until the buffer is used again.</returns>
    public static ReadOnlySpan<byte> Write(MessageContent content, bool withBody, ref byte[] buffer)
    {
        var id = Encoding.UTF8.GetByteCount(content.MessageId);
        var session = Encoding.UTF8.GetByteCount(content.SessionId ?? "");
        var length =
            FixedBytes + id + session + content.Annotations.Length + content.Properties.Length + content.ApplicationProperties.Length + (
                withBody ? content.Body.Length : 0);
        if (buffer.Length < length) buffer = new byte[Math.Max(length, 2 * buffer.Length)];
        var span = buffer.AsSpan(0, length);
        span[0] = (byte)((content.Durable ? Durable : 0)
            | (content.Priority is null ? 0 : HasPriority)
            | (content.TimeToLive is null ? 0 : HasTimeToLive)
            | (content.ScheduledEnqueueTime is null ? 0 : HasSchedule) | (content.SessionId is null ? 0 : HasSession));
        span[1] = content.Priority.GetValueOrDefault();
        BinaryPrimitives.WriteInt32LittleEndian(span[2..], content.AnnotationCount);
        BinaryPrimitives.WriteInt64LittleEndian(span[6..], content.TimeToLive.GetValueOrDefault().Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(span[14..], content.ScheduledEnqueueTime.GetValueOrDefault().UtcTicks);
        BinaryPrimitives.WriteInt32LittleEndian(span[22..], id);
        BinaryPrimitives.WriteInt32LittleEndian(span[26..], session);
        BinaryPrimitives.WriteInt32LittleEndian(span[30..], content.Annotations.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span[34..], content.Properties.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span[38..], content.ApplicationProperties.Length);
        span[42] = checked((byte)content.Hops);
        var rest = span[FixedBytes..];
        Encoding.UTF8.GetBytes(content.MessageId, rest);
        rest = rest[id..];
        Encoding.UTF8.GetBytes(content.SessionId ?? "", rest);
        rest = Append(rest[session..], content.Annotations.Span);
        rest = Append(rest, content.Properties.Span);
        rest = Append(rest, content.ApplicationProperties.Span);
        if (withBody) content.Body.Span.CopyTo(rest);
        return span;
    }

    /// <summary>Reads what <see cref="Write"/> wrote; the sections are slices of <paramref name="bytes"/>.</summary>
    /// <returns>The content, or null when the bytes are none.</returns>
    public static MessageContent? Read(ReadOnlyMemory<byte> bytes, StoredContent stored)
    {
        if (bytes.Length < FixedBytes) return null;
        var span = bytes.Span;
        Span<int> lengths = stackalloc int[5];
        long sum = 0;
        for (var index = 0; index < lengths.Length; index++)
        {
            lengths[index] = BinaryPrimitives.ReadInt32LittleEndian(span[(22 + (4 * index))..]);
            if (lengths[index] < 0) return null;
            sum += lengths[index];
        }

        if (sum > bytes.Length - FixedBytes) return null;
        var flags = span[0];
        var rest = bytes[FixedBytes..];
        return new MessageContent
        {
            Stored = stored,
            Durable = (flags & Durable) != 0,
            Priority = (flags & HasPriority) != 0 ? span[1] : null,
            AnnotationCount = BinaryPrimitives.ReadInt32LittleEndian(span[2..]),
            TimeToLive = (flags & HasTimeToLive) != 0 ? new TimeSpan(BinaryPrimitives.ReadInt64LittleEndian(span[6..])) : null,
            ScheduledEnqueueTime = (flags & HasSchedule) != 0
                ? new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(span[14..]), TimeSpan.Zero)
                : null,
            MessageId = Encoding.UTF8.GetString(Take(ref rest, lengths[0]).Span),
            SessionId = Text(Take(ref rest, lengths[1]), (flags & HasSession) != 0),
            Annotations = Take(ref rest, lengths[2]),
            Properties = Take(ref rest, lengths[3]),
            ApplicationProperties = Take(ref rest, lengths[4]),
            Hops = span[42],
            Body = rest,
        };
    }

    private static Span<byte> Append(Span<byte> destination, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination);
        return destination[bytes.Length..];
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, int length)
    {
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    private static string? Text(ReadOnlyMemory<byte> bytes, bool isThere) => isThere ? Encoding.UTF8.GetString(bytes.Span) : null;
}
