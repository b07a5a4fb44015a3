using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.Invocation;
using Emulator.FunctionsHost.Protocol;
using Google.Protobuf;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>
/// Messages as the Service Bus extension hands them to a worker: the value, and the metadata that a function may bind by name.
/// </summary>
internal static class MessageData
{
    private const string Version = "1.0";
    private const string Source = "AzureServiceBusReceivedMessage";
    private const string ContentType = "application/octet-stream";
    private const int LockTokenBytes = 16;

    private static readonly JsonSerializerOptions Format = new() { Converters = { new ObjectText() } };

    // Names in two spellings are both sent, as there.
    private static readonly (string Name, Func<ServiceBusReceivedMessage, object?> Read)[] Members =
    [
        ("DeliveryCount", message => message.DeliveryCount),
        ("DeadLetterSource", message => message.DeadLetterSource),
        ("LockToken", message => message.LockToken),
        ("ExpiresAtUtc", message => message.ExpiresAt.UtcDateTime),
        ("ExpiresAt", message => message.ExpiresAt),
        ("EnqueuedTimeUtc", message => message.EnqueuedTime.UtcDateTime),
        ("EnqueuedTime", message => message.EnqueuedTime),
        ("MessageId", message => message.MessageId),
        ("ContentType", message => message.ContentType),
        ("ReplyTo", message => message.ReplyTo),
        ("SequenceNumber", message => message.SequenceNumber),
        ("To", message => message.To),
        ("Subject", message => message.Subject),
        ("Label", message => message.Subject),
        ("CorrelationId", message => message.CorrelationId),
        ("ApplicationProperties", message => message.ApplicationProperties),
        ("UserProperties", message => message.ApplicationProperties),
        ("SessionId", message => message.SessionId),
        ("ReplyToSessionId", message => message.ReplyToSessionId),
        ("PartitionKey", message => message.PartitionKey),
        ("TransactionPartitionKey", message => message.TransactionPartitionKey),
    ];

    /// <summary>One message for one invocation.</summary>
    public static TriggerInput Single(ServiceBusReceivedMessage message, ISessionHolder? session)
    {
        var input = new TriggerInput(new TypedData { ModelBindingData = Encode(message) }, TraceParent(message), TraceState(message));
        foreach (var (name, read) in Members)
        {
            if (Typed(read(message)) is { } value) input.Metadata[name] = value;
        }

        AddSession(input, session);
        return input;
    }

    /// <summary>Several messages, in the bus's order, for one invocation; the metadata's names end in <c>Array</c>.</summary>
    public static TriggerInput Batch(IReadOnlyList<ServiceBusReceivedMessage> messages, ISessionHolder? session)
    {
        var collection = new CollectionModelBindingData();
        collection.ModelBindingData.AddRange(messages.Select(Encode));
        var input = new TriggerInput(new TypedData { CollectionModelBindingData = collection }) { Links = [.. Links(messages)] };
        foreach (var (name, read) in Members)
        {
            input.Metadata[name + "Array"] = new TypedData { Json = JsonSerializer.Serialize(messages.Select(read), Format) };
        }

        AddSession(input, session);
        return input;
    }

    /// <summary>
    /// 16 bytes of the lock token, in the order of <see cref="Guid.ToByteArray()"/>
    /// (first three groups little-endian), then the whole message as AMQP has it.
    /// </summary>
    private static ModelBindingData Encode(ServiceBusReceivedMessage message)
    {
        var amqp = message.GetRawAmqpMessage().ToBytes().ToMemory();
        var content = new byte[LockTokenBytes + amqp.Length];
        Guid.Parse(message.LockToken, CultureInfo.InvariantCulture).TryWriteBytes(content);
        amqp.CopyTo(content.AsMemory(LockTokenBytes));
        return new ModelBindingData
        {
            Version = Version,
            Source = Source,
            ContentType = ContentType,
            Content = UnsafeByteOperations.UnsafeWrap(content),
        };
    }

    private static TypedData? Typed(object? value) => value switch
    {
        null => null,
        string text => BindingValue.Of(text),
        _ => new TypedData { Json = JsonSerializer.Serialize(value, Format) },
    };

    private static void AddSession(TriggerInput input, ISessionHolder? session)
    {
        if (session is not null) input.Metadata["SessionActions"] = BindingValue.Json(new { SessionLockedUntil = session.LockedUntil });
    }

    private static IEnumerable<ActivityLink> Links(IEnumerable<ServiceBusReceivedMessage> messages)
    {
        foreach (var message in messages)
        {
            if (ActivityContext.TryParse(TraceParent(message), TraceState(message), isRemote: true, out var cause))
            {
                yield return new ActivityLink(cause);
            }
        }
    }

    private static string? TraceParent(ServiceBusReceivedMessage message) =>
        Property(message, "traceparent") ?? Property(message, "Diagnostic-Id");

    private static string? TraceState(ServiceBusReceivedMessage message) => Property(message, "tracestate");

    private static string? Property(ServiceBusReceivedMessage message, string name) =>
        message.ApplicationProperties.TryGetValue(name, out var value) ? value as string : null;

    // A property of a type that JSON has no word for must not fail the message.
    private sealed class ObjectText : JsonConverter<object>
    {
        public override object Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
        {
            if (value is IReadOnlyDictionary<string, object> properties)
            {
                JsonSerializer.Serialize(writer, properties, options);
            }
            else if (value is string or bool or Guid or DateTime or DateTimeOffset or TimeSpan or Uri or byte[] || IsFiniteNumber(value))
            {
                JsonSerializer.Serialize(writer, value, value.GetType());
            }
            else
            {
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }

        private static bool IsFiniteNumber(object value) => value switch
        {
            double number => double.IsFinite(number),
            float number => float.IsFinite(number),
            byte or sbyte or short or ushort or int or uint or long or ulong or decimal => true,
            _ => false,
        };
    }
}
