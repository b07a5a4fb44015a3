using Google.Protobuf;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;

namespace Microsoft.Azure.Functions.Worker.Settling;

/// <summary>The properties that a settlement changes, as the host reads them: one AMQP map with string keys.</summary>
/// <remarks>AMQP 1.0 part 1, section 1.6.23; described values as Service Bus has them: <c>com.microsoft:uri</c>, <c>:timespan</c> and <c>:datetime-offset</c> (both in ticks).</remarks>
internal static class PropertyMap
{
    private const string Vendor = "com.microsoft:";

    /// <returns>Empty bytes where there is nothing to change.</returns>
    /// <exception cref="NotSupportedException">A value is of a type that AMQP properties cannot carry.</exception>
    public static ByteString Encode(IEnumerable<KeyValuePair<string, object>>? properties)
    {
        if (properties is null) return ByteString.Empty;
        var map = new AmqpMap();
        foreach (var (name, value) in properties)
        {
            map[new MapKey(name)] = Value(name, value);
        }

        using var buffer = new ByteBuffer(256, autoGrow: true);
        AmqpCodec.EncodeMap(map, buffer);
        return ByteString.CopyFrom(buffer.Buffer, buffer.Offset, buffer.Length);
    }

    private static object? Value(string name, object? value) => value switch
    {
        null or string or bool or char or Guid or DateTime => value,
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal => value,
        Uri uri => new DescribedType((AmqpSymbol)(Vendor + "uri"), uri.AbsoluteUri),
        TimeSpan span => new DescribedType((AmqpSymbol)(Vendor + "timespan"), span.Ticks),
        DateTimeOffset instant => new DescribedType((AmqpSymbol)(Vendor + "datetime-offset"), instant.UtcTicks),
        Stream stream => Bytes(stream),
        _ => throw new NotSupportedException(
            $"The property '{name}' is a {value.GetType()}: expected a string, a number, a boolean, a character, a Guid, a Uri, a date, a time span or a stream."),
    };

    private static ArraySegment<byte> Bytes(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return new ArraySegment<byte>(copy.ToArray());
    }
}
