using System.Runtime.Serialization;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Application-property values in C# and on the wire. Most are the same in both; <see cref="Uri"/>, <see cref="DateTimeOffset"/>
/// and <see cref="TimeSpan"/> are described values of Service Bus.</summary>
internal static class PropertyValue
{
    private const string UriDescriptor = "com.microsoft:uri";
    private const string DateTimeOffsetDescriptor = "com.microsoft:datetime-offset";
    private const string TimeSpanDescriptor = "com.microsoft:timespan";

    /// <summary>The wire form of a value.</summary>
    /// <param name="value">A value an application set; null is AMQP null.</param>
    /// <param name="name">Its property, for the exception.</param>
    /// <exception cref="SerializationException">The type cannot travel.</exception>
    public static object? ToAmqp(object? value, string name) => value switch
    {
        null or byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal or bool or char or Guid or string => value,
        byte[] bytes => new ReadOnlyMemory<byte>(bytes),
        ArraySegment<byte> bytes => new ReadOnlyMemory<byte>(bytes.Array, bytes.Offset, bytes.Count),
        ReadOnlyMemory<byte> => value,
        DateTime time => time.ToUniversalTime(),
        Uri uri => new AmqpDescribed(new AmqpSymbol(UriDescriptor), uri.AbsoluteUri),
        DateTimeOffset time => new AmqpDescribed(new AmqpSymbol(DateTimeOffsetDescriptor), time.UtcTicks),
        TimeSpan span => new AmqpDescribed(new AmqpSymbol(TimeSpanDescriptor), span.Ticks),
        Stream stream => new ReadOnlyMemory<byte>(ReadAll(stream)),
        _ => throw new SerializationException(
            $"The value of '{name}' is of type {value.GetType().FullName}, which cannot be sent. Send text, numbers, bool, char, Guid, Uri, times or bytes."),
    };

    /// <summary>The C# form of a value off the wire; a type Service Bus clients do not write is handed on as it was read.</summary>
    public static object? FromAmqp(object? value) => value switch
    {
        AmqpSymbol symbol => symbol.Value,
        ReadOnlyMemory<byte> bytes => bytes.ToArray(),
        AmqpDescribed { Descriptor: AmqpSymbol { Value: UriDescriptor }, Value: string text } when Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var uri) => uri,
        AmqpDescribed { Descriptor: AmqpSymbol { Value: DateTimeOffsetDescriptor }, Value: long ticks } when IsTime(ticks) => new DateTimeOffset(ticks, TimeSpan.Zero),
        AmqpDescribed { Descriptor: AmqpSymbol { Value: TimeSpanDescriptor }, Value: long ticks } => TimeSpan.FromTicks(ticks),
        _ => value,
    };

    private static bool IsTime(long ticks) => ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks;

    private static byte[] ReadAll(Stream stream)
    {
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
