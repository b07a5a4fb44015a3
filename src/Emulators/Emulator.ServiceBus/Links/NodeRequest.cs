using System.Diagnostics.CodeAnalysis;
using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;

namespace Emulator.ServiceBus.Links;

/// <summary>A request to <c>$cbs</c> or <c>$management</c>: operation, arguments, and where the answer goes.</summary>
internal sealed class NodeRequest
{
    private NodeRequest(object? messageId, string? replyTo, string operation, AmqpMap properties, object? body)
    {
        MessageId = messageId;
        ReplyTo = replyTo;
        Operation = operation;
        Properties = properties;
        Body = body;
    }

    /// <summary>Echoed as correlation-id with the same AMQP type.</summary>
    public object? MessageId { get; }

    public string? ReplyTo { get; }

    public string Operation { get; }

    /// <summary>Application properties.</summary>
    public AmqpMap Properties { get; }

    /// <summary>The amqp-value, or null.</summary>
    public object? Body { get; }

    /// <summary>The amqp-value as a map; empty when it is none.</summary>
    public AmqpMap Arguments => Body as AmqpMap ?? [];

    /// <summary>The transaction it is part of; null without one.</summary>
    public ReadOnlyMemory<byte>? TransactionId { get; set; }

    /// <param name="payload">All sections; copied.</param>
    /// <param name="request">The request.</param>
    /// <returns>False when the bytes are not a message. A request without operation has an empty one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out NodeRequest? request)
    {
        request = null;
        if (!AmqpMessage.TryDecode(payload.ToArray(), out var message)) return false;
        var properties = message.ApplicationProperties ?? [];
        properties.TryGet<string>("operation", out var operation);
        request = new NodeRequest(message.Properties?.MessageId, message.Properties?.ReplyTo, operation ?? "", properties, message.Value);
        return true;
    }
}
