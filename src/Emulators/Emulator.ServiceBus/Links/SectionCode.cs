namespace Emulator.ServiceBus.Links;

/// <summary>Descriptors of the sections the broker writes itself. AMQP 1.0 part 3, 3.2.</summary>
internal static class SectionCode
{
    public const byte Header = 0x70;
    public const byte DeliveryAnnotations = 0x71;
    public const byte MessageAnnotations = 0x72;
    public const byte ApplicationProperties = 0x74;
}
