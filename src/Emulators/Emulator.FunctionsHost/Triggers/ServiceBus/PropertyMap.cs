using Google.Protobuf;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>The properties that a settlement changes, as the worker's extension sends them: one AMQP map with string keys.</summary>
/// <remarks>
/// AMQP 1.0 part 1, section 1.6.23; described values as Service Bus has them:
/// <c>com.microsoft:uri</c>, <c>:timespan</c> and <c>:datetime-offset</c> (both in ticks).
/// </remarks>
internal static class PropertyMap
{
    /// <returns>Null for empty bytes: nothing is changed.</returns>
    /// <exception cref="InvalidDataException">The bytes are no such map.</exception>
    public static Dictionary<string, object>? Decode(ByteString bytes)
    {
        if (bytes.IsEmpty) return null;
        try
        {
            var buffer = new ByteBuffer(bytes.ToByteArray(), 0, bytes.Length);
            var properties = new Dictionary<string, object>(StringComparer.Ordinal);
            foreach (var (key, value) in AmqpCodec.DecodeMap(buffer))
            {
                if (key.Key is not string name)
                {
                    throw new InvalidDataException($"a key is {key.Key?.GetType().Name ?? "null"}, not a string");
                }
                properties[name] = Value(value);
            }

            return properties;
        }
        catch (Exception exception) when (
            exception is AmqpException or InvalidDataException or ArgumentException or InvalidCastException or IndexOutOfRangeException)
        {
            throw new InvalidDataException(
                $"The properties to modify are not an AMQP map with string keys: {exception.Message}", exception);
        }
    }

    private static object Value(object value) => value switch
    {
        DescribedType { Descriptor: AmqpSymbol symbol, Value: { } inner } => (symbol.Value, inner) switch
        {
            ("com.microsoft:uri", string uri) => new Uri(uri),
            ("com.microsoft:timespan", long ticks) => new TimeSpan(ticks),
            ("com.microsoft:datetime-offset", long ticks) => new DateTimeOffset(ticks, TimeSpan.Zero),
            _ => throw new InvalidDataException($"a value is described as {symbol.Value}, which is not known"),
        },
        AmqpSymbol symbol => symbol.Value!,
        ArraySegment<byte> binary => binary.ToArray(),
        _ => value,
    };
}
