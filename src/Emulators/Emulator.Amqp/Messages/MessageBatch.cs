using Emulator.Amqp.Types;

namespace Emulator.Amqp.Messages;

/// <summary>The Service Bus batch envelope: message-format 0x80013700, each data section's binary one encoded message.</summary>
public static class MessageBatch
{
    /// <summary>The message-format of a batch.</summary>
    public const uint MessageFormat = 0x80013700;

    /// <summary>Finds the messages in a batch without copying. Envelope header, annotations and properties are ignored.</summary>
    /// <param name="payload">The delivery's payload.</param>
    /// <param name="messages">Gets a range of <paramref name="payload"/> per message, in order; cleared first.</param>
    /// <returns>False when the payload is not a message of data sections; messages within are not judged.</returns>
    public static bool TryUnpack(ReadOnlySpan<byte> payload, List<Range> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        messages.Clear();
        if (!MessageSections.TryIndex(payload, out var sections) || sections.BodyKind is not (BodyKind.Data or BodyKind.None))
        {
            return false;
        }

        var body = payload[sections.Body];
        var end = sections.Body.End.Value;
        while (!body.IsEmpty)
        {
            if (!MessageSections.TryTakeData(ref body, out var message))
            {
                return false;
            }

            var messageEnd = end - body.Length;
            messages.Add((messageEnd - message.Length)..messageEnd);
        }

        return true;
    }

    /// <summary>Writes one encoded message as a data section.</summary>
    public static void WriteMessage(AmqpWriter writer, ReadOnlySpan<byte> encodedMessage)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteDescriptor(Descriptor.Data);
        writer.WriteBinary(encodedMessage);
    }
}
