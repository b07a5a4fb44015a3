using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// An answer of <c>$management</c>: camelCase keys, the status as an int, the condition as a symbol; clients cast to exactly these.
/// </summary>
internal static class ManagementReply
{
    private const string TrackingId = "com.microsoft:tracking-id";

    public static byte[] Ok(NodeRequest request, AmqpMap? body = null) => Encode(request, 200, "OK", null, body);

    /// <summary>Nothing there: clients read it as an empty list.</summary>
    public static byte[] NoContent(NodeRequest request) => Encode(request, 204, "No content", null, null);

    public static byte[] Fault(NodeRequest request, int status, AmqpError error) =>
        Encode(request, status, error.Description ?? "", error.Condition, null);

    private static byte[] Encode(NodeRequest request, int status, string description, AmqpSymbol? condition, AmqpMap? body)
    {
        var properties = new AmqpMap { { "statusCode", status }, { "statusDescription", description } };
        if (condition is { } symbol) properties.Add("errorCondition", symbol);
        if (request.Properties.TryGet<string>(TrackingId, out var tracking)) properties.Add(TrackingId, tracking);
        return new AmqpMessage
        {
            Properties = new MessageProperties { CorrelationId = request.MessageId },
            ApplicationProperties = properties,
            BodyKind = BodyKind.Value,
            Value = body,
        }.Encode();
    }
}
