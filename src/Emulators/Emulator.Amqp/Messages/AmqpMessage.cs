using System.Diagnostics.CodeAnalysis;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Messages;

/// <summary>
/// A message in parts, for building and reading. Null parts are absent. A broker that only passes on uses <see cref="MessageSections"/>.
/// </summary>
public sealed record AmqpMessage
{
    /// <summary>header.</summary>
    public MessageHeader? Header { get; init; }

    /// <summary>delivery-annotations.</summary>
    public AmqpMap? DeliveryAnnotations { get; init; }

    /// <summary>message-annotations; keys are symbols.</summary>
    public AmqpMap? MessageAnnotations { get; init; }

    /// <summary>properties.</summary>
    public MessageProperties? Properties { get; init; }

    /// <summary>application-properties; keys are strings.</summary>
    public AmqpMap? ApplicationProperties { get; init; }

    /// <summary>Which of <see cref="Data"/>, <see cref="Sequences"/> and <see cref="Value"/> is the body.</summary>
    public BodyKind BodyKind { get; init; }

    /// <summary>The data sections when the body is Data; slices of the decoded bytes.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Data { get; init; } = [];

    /// <summary>The sequences when the body is Sequence.</summary>
    public IReadOnlyList<List<object?>> Sequences { get; init; } = [];

    /// <summary>The value when the body is Value; may be null.</summary>
    public object? Value { get; init; }

    /// <summary>footer.</summary>
    public AmqpMap? Footer { get; init; }

    /// <summary>Reads a whole message; data sections stay slices of <paramref name="encoded"/>.</summary>
    /// <returns>False when the bytes are not a message.</returns>
    public static bool TryDecode(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out AmqpMessage? message)
    {
        message = null;
        var span = encoded.Span;
        if (!MessageSections.TryIndex(span, out var sections)
            || !MessageHeader.TryRead(span[sections.Header], out var header)
            || !MessageSections.TryReadMap(span[sections.DeliveryAnnotations], out var deliveryAnnotations)
            || !MessageSections.TryReadMap(span[sections.MessageAnnotations], out var messageAnnotations)
            || !MessageProperties.TryRead(span[sections.Properties], out var properties)
            || !MessageSections.TryReadMap(span[sections.ApplicationProperties], out var applicationProperties)
            || !MessageSections.TryReadMap(span[sections.Footer], out var footer)
            || !TryReadBody(encoded[sections.Body], sections, out var data, out var sequences, out var value))
        {
            return false;
        }

        message = new AmqpMessage
        {
            Header = header,
            DeliveryAnnotations = deliveryAnnotations,
            MessageAnnotations = messageAnnotations,
            Properties = properties,
            ApplicationProperties = applicationProperties,
            BodyKind = sections.BodyKind,
            Data = data,
            Sequences = sequences,
            Value = value,
            Footer = footer,
        };
        return true;
    }

    /// <summary>Writes the sections in their order.</summary>
    /// <exception cref="ArgumentException">A value has no AMQP counterpart.</exception>
    public void Write(AmqpWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Header?.Write(writer);
        WriteMap(writer, Descriptor.DeliveryAnnotations, DeliveryAnnotations);
        WriteMap(writer, Descriptor.MessageAnnotations, MessageAnnotations);
        Properties?.Write(writer);
        WriteMap(writer, Descriptor.ApplicationProperties, ApplicationProperties);
        WriteBody(writer);
        WriteMap(writer, Descriptor.Footer, Footer);
    }

    /// <summary>The encoded message.</summary>
    /// <exception cref="ArgumentException">A value has no AMQP counterpart.</exception>
    public byte[] Encode()
    {
        using var writer = new AmqpWriter();
        Write(writer);
        return writer.ToArray();
    }

    private static bool TryReadBody(
        ReadOnlyMemory<byte> body,
        in MessageSections sections,
        out List<ReadOnlyMemory<byte>> data,
        out List<List<object?>> sequences,
        out object? value)
    {
        data = [];
        sequences = [];
        value = null;
        switch (sections.BodyKind)
        {
            case BodyKind.Data:
                var rest = body.Span;
                while (!rest.IsEmpty)
                {
                    if (!MessageSections.TryTakeData(ref rest, out var bytes))
                    {
                        return false;
                    }

                    data.Add(body.Slice(body.Length - rest.Length - bytes.Length, bytes.Length));
                }

                return true;
            case BodyKind.Sequence:
                var reader = new AmqpReader(body.Span);
                while (!reader.AtEnd)
                {
                    if (!reader.TryReadDescriptor(out _) || !reader.TryReadValue(out var items) || items is not List<object?> list)
                    {
                        return false;
                    }

                    sequences.Add(list);
                }

                return true;
            case BodyKind.Value:
                return MessageSections.TryReadValue(body.Span, out value);
            default:
                return true;
        }
    }

    private void WriteBody(AmqpWriter writer)
    {
        switch (BodyKind)
        {
            case BodyKind.Data:
                foreach (var section in Data)
                {
                    writer.WriteDescriptor(Descriptor.Data);
                    writer.WriteBinary(section.Span);
                }

                break;
            case BodyKind.Sequence:
                foreach (var section in Sequences)
                {
                    writer.WriteDescriptor(Descriptor.AmqpSequence);
                    writer.WriteValue(section);
                }

                break;
            case BodyKind.Value:
                writer.WriteDescriptor(Descriptor.AmqpValue);
                writer.WriteValue(Value);
                break;
            case BodyKind.None:
                break;
        }
    }

    private static void WriteMap(AmqpWriter writer, ulong descriptor, AmqpMap? map)
    {
        if (map is not null)
        {
            writer.WriteDescriptor(descriptor);
            writer.WriteMap(map);
        }
    }
}
