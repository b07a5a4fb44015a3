using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Azure.Messaging.ServiceBus;

namespace Emulator.Functions.Triggers.ServiceBus;

/// <summary>The metadata of a message that functions may bind by name, under the names of the Service Bus extension.</summary>
internal static class MessageData
{
    private static readonly FrozenDictionary<string, (Type Type, Func<ServiceBusReceivedMessage, object?> Read)> Members =
        new Dictionary<string, (Type, Func<ServiceBusReceivedMessage, object?>)>(StringComparer.OrdinalIgnoreCase)
        {
            ["MessageId"] = (typeof(string), message => message.MessageId),
            ["DeliveryCount"] = (typeof(int), message => message.DeliveryCount),
            ["SequenceNumber"] = (typeof(long), message => message.SequenceNumber),
            ["LockToken"] = (typeof(string), message => message.LockToken),
            ["EnqueuedTimeUtc"] = (typeof(DateTime), message => message.EnqueuedTime.UtcDateTime),
            ["ExpiresAtUtc"] = (typeof(DateTime), message => message.ExpiresAt.UtcDateTime),
            ["SessionId"] = (typeof(string), message => message.SessionId),
            ["CorrelationId"] = (typeof(string), message => message.CorrelationId),
            ["Subject"] = (typeof(string), message => message.Subject),
            ["ContentType"] = (typeof(string), message => message.ContentType),
            ["ReplyTo"] = (typeof(string), message => message.ReplyTo),
            ["To"] = (typeof(string), message => message.To),
            ["PartitionKey"] = (typeof(string), message => message.PartitionKey),
            ["DeadLetterSource"] = (typeof(string), message => message.DeadLetterSource),
            ["ApplicationProperties"] = (typeof(IReadOnlyDictionary<string, object>), message => message.ApplicationProperties),
        }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static bool TryGetType(string name, [NotNullWhen(true)] out Type? type)
    {
        var known = Members.TryGetValue(name, out var member);
        type = known ? member.Type : null;
        return known;
    }

    public static IReadOnlyDictionary<string, object?> Of(ServiceBusReceivedMessage message) =>
        Members.ToDictionary(member => member.Key, member => member.Value.Read(message), StringComparer.OrdinalIgnoreCase);
}
