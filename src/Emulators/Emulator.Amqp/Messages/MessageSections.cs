using Emulator.Amqp.Types;

namespace Emulator.Amqp.Messages;

/// <summary>
/// Where the sections of an encoded message lie. Copies nothing; ranges include each section's descriptor. AMQP 1.0 part 3, 3.2.
/// </summary>
public readonly record struct MessageSections
{
    /// <summary>header; empty when absent.</summary>
    public Range Header { get; init; }

    /// <summary>delivery-annotations; empty when absent.</summary>
    public Range DeliveryAnnotations { get; init; }

    /// <summary>message-annotations; empty when absent.</summary>
    public Range MessageAnnotations { get; init; }

    /// <summary>properties; empty when absent.</summary>
    public Range Properties { get; init; }

    /// <summary>application-properties; empty when absent.</summary>
    public Range ApplicationProperties { get; init; }

    /// <summary>All body sections together; empty when absent.</summary>
    public Range Body { get; init; }

    /// <summary>footer; empty when absent.</summary>
    public Range Footer { get; init; }

    /// <summary>Kind of the body sections.</summary>
    public BodyKind BodyKind { get; init; }

    /// <summary>Number of body sections.</summary>
    public int BodySections { get; init; }

    /// <summary>From the properties (or what comes first after the annotations) to the end: what a broker passes on unchanged.</summary>
    public Range Bare { get; init; }

    /// <summary>Indexes a message. Sections must be known, in order, at most once each (body sections aside) and fill the span.</summary>
    /// <returns>False when they do not; every section is walked, but values inside are not judged.</returns>
    public static bool TryIndex(ReadOnlySpan<byte> message, out MessageSections sections)
    {
        sections = default;
        var reader = new AmqpReader(message);
        ulong previous = 0;
        int bodyStart = 0, bodyEnd = 0, bodySections = 0, bareStart = -1;
        var bodyKind = BodyKind.None;
        while (!reader.AtEnd)
        {
            var start = reader.Position;
            if (!reader.TryReadDescriptor(out var descriptor) || !IsSectionType(ref reader, descriptor) || !reader.TrySkip())
            {
                return false;
            }

            var repeats = descriptor == previous && descriptor is Descriptor.Data or Descriptor.AmqpSequence;
            if (descriptor < previous || (descriptor == previous && !repeats) || (IsBody(descriptor) && bodySections > 0 && !repeats))
            {
                return false;
            }

            previous = descriptor;
            if (bareStart < 0 && descriptor >= Descriptor.Properties)
            {
                bareStart = start;
            }

            var range = start..reader.Position;
            switch (descriptor)
            {
                case Descriptor.Header: sections = sections with { Header = range }; break;
                case Descriptor.DeliveryAnnotations: sections = sections with { DeliveryAnnotations = range }; break;
                case Descriptor.MessageAnnotations: sections = sections with { MessageAnnotations = range }; break;
                case Descriptor.Properties: sections = sections with { Properties = range }; break;
                case Descriptor.ApplicationProperties: sections = sections with { ApplicationProperties = range }; break;
                case Descriptor.Footer: sections = sections with { Footer = range }; break;
                default:
                    bodyStart = bodySections == 0 ? start : bodyStart;
                    bodyEnd = reader.Position;
                    bodySections++;
                    bodyKind = descriptor switch
                    {
                        Descriptor.Data => BodyKind.Data,
                        Descriptor.AmqpSequence => BodyKind.Sequence,
                        _ => BodyKind.Value,
                    };
                    break;
            }
        }

        sections = sections with
        {
            Body = bodyStart..bodyEnd,
            BodyKind = bodyKind,
            BodySections = bodySections,
            Bare = (bareStart < 0 ? message.Length : bareStart)..message.Length,
        };
        return true;
    }

    /// <summary>Reads a section that is a map: annotations, application-properties or footer. An empty span gives null.</summary>
    public static bool TryReadMap(ReadOnlySpan<byte> section, out AmqpMap? map)
    {
        map = null;
        if (section.IsEmpty)
        {
            return true;
        }

        var reader = new AmqpReader(section);
        return reader.TryReadDescriptor(out _) && reader.TryReadMap(out map) && reader.AtEnd;
    }

    /// <summary>Reads an amqp-value section.</summary>
    public static bool TryReadValue(ReadOnlySpan<byte> section, out object? value)
    {
        value = null;
        var reader = new AmqpReader(section);
        return reader.TryReadDescriptor(out var descriptor)
            && descriptor == Descriptor.AmqpValue
            && reader.TryReadValue(out value)
            && reader.AtEnd;
    }

    /// <summary>Takes the next data section off the front of a body without copying.</summary>
    public static bool TryTakeData(ref ReadOnlySpan<byte> body, out ReadOnlySpan<byte> data)
    {
        data = default;
        var reader = new AmqpReader(body);
        if (!reader.TryReadDescriptor(out var descriptor)
            || descriptor != Descriptor.Data
            || !reader.TryReadBinary(out data, out var present)
            || !present)
        {
            return false;
        }

        body = reader.Rest;
        return true;
    }

    private static bool IsBody(ulong descriptor) => descriptor is Descriptor.Data or Descriptor.AmqpSequence or Descriptor.AmqpValue;

    // The constructor a section's value must have; an amqp-value may be anything.
    private static bool IsSectionType(ref AmqpReader reader, ulong descriptor)
    {
        if (!reader.TryPeek(out var code))
        {
            return false;
        }

        return descriptor switch
        {
            Descriptor.Header or Descriptor.Properties or Descriptor.AmqpSequence =>
                code is FormatCode.List0 or FormatCode.List8 or FormatCode.List32,
            Descriptor.DeliveryAnnotations or Descriptor.MessageAnnotations or Descriptor.ApplicationProperties or Descriptor.Footer =>
                code is FormatCode.Map8 or FormatCode.Map32 or FormatCode.Null,
            Descriptor.Data => code is FormatCode.Binary8 or FormatCode.Binary32,
            Descriptor.AmqpValue => true,
            _ => false,
        };
    }
}
