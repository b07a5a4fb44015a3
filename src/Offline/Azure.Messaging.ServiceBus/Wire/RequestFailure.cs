using System.Globalization;
using Relay.Amqp.Framing;
using Relay.Amqp.Messages;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Reads how a request to <c>$management</c> or <c>$cbs</c> went.</summary>
internal static class RequestFailure
{
    /// <summary>The status of a <c>$management</c> response; 0 without one.</summary>
    public static int ManagementStatus(AmqpMessage response) => Status(response, "statusCode");

    /// <summary>The error of a failed <c>$management</c> response.</summary>
    public static AmqpError ManagementError(AmqpMessage response)
    {
        var properties = response.ApplicationProperties ?? [];
        var condition = properties.TryGet<AmqpSymbol>("errorCondition", out var symbol)
            ? symbol
            : new AmqpSymbol(ErrorMapping.ConditionOf(ManagementStatus(response)));
        return new AmqpError(condition, properties.TryGet<string>("statusDescription", out var text) ? text : null);
    }

    /// <summary>Null when a token was taken, else the exception for the refusal.</summary>
    public static Exception? OfPutToken(AmqpMessage response, string audience)
    {
        var status = Status(response, "status-code");
        if (status is >= 200 and < 300)
        {
            return null;
        }

        var text = (response.ApplicationProperties ?? []).TryGet<string>("status-description", out var description) ? description : "no description";
        text = string.Create(CultureInfo.InvariantCulture, $"Put token failed for '{audience}'. status-code: {status}, status-description: {text}");
        return status switch
        {
            401 or 403 => new UnauthorizedAccessException(text),
            404 => new ServiceBusException(text, ServiceBusFailureReason.MessagingEntityNotFound),
            _ => new ServiceBusException(true, text),
        };
    }

    private static int Status(AmqpMessage response, string name) =>
        (response.ApplicationProperties ?? []).TryGetInteger(name, out var status) && status is >= 0 and <= int.MaxValue ? (int)status : 0;
}
