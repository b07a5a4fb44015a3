using Relay.Amqp.Framing;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>What is to become of a locked message, in both forms it is told to the service: as a disposition on the link the message
/// came by, and as an <c>update-disposition</c> request when that link is gone.</summary>
internal sealed class Settlement
{
    private const string ReasonProperty = "DeadLetterReason";
    private const string DescriptionProperty = "DeadLetterErrorDescription";

    private Settlement(DeliveryState outcome, string status)
    {
        Outcome = outcome;
        Status = status;
    }

    /// <summary>Remove the message.</summary>
    public static Settlement Complete { get; } = new(Accepted.Instance, "completed");

    /// <summary>For a disposition.</summary>
    public DeliveryState Outcome { get; }

    /// <summary>For <c>update-disposition</c>; "defered" is the protocol's spelling.</summary>
    public string Status { get; }

    /// <summary>Properties to set on the message; null without any.</summary>
    public AmqpMap? Properties { get; private init; }

    /// <summary>Why the message is dead-lettered, or null.</summary>
    public string? Reason { get; private init; }

    /// <summary>Why in detail, or null.</summary>
    public string? Description { get; private init; }

    /// <summary>Deliver the message again.</summary>
    public static Settlement Abandon(IDictionary<string, object>? properties)
    {
        var map = ToMap(properties);
        return new(new Modified(MessageAnnotations: AsAnnotations(map)), "abandoned") { Properties = map };
    }

    /// <summary>Set the message aside.</summary>
    public static Settlement Defer(IDictionary<string, object>? properties)
    {
        var map = ToMap(properties);
        return new(new Modified(UndeliverableHere: true, MessageAnnotations: AsAnnotations(map)), "defered") { Properties = map };
    }

    /// <summary>Move the message to the dead-letter queue.</summary>
    public static Settlement DeadLetter(IDictionary<string, object>? properties, string? reason, string? description)
    {
        var map = ToMap(properties);
        var info = AsAnnotations(map) ?? [];
        Put(info, ReasonProperty, reason);
        Put(info, DescriptionProperty, description);

        // Without anything to say the official client sends no error at all, which also dead-letters.
        var error = info.Count == 0 ? null : new AmqpError(ServiceBusCondition.DeadLetter, Info: info);
        return new(new Rejected(error), "suspended") { Properties = map, Reason = reason, Description = description };
    }

    private static void Put(AmqpMap info, string name, string? value)
    {
        if (value is not null)
        {
            info[new AmqpSymbol(name)] = value;
        }
    }

    private static AmqpMap? ToMap(IDictionary<string, object>? properties)
    {
        if (properties is not { Count: > 0 })
        {
            return null;
        }

        var map = new AmqpMap();
        foreach (var (name, value) in properties)
        {
            map.Add(name, PropertyValue.ToAmqp(value, name));
        }

        return map;
    }

    // The same pairs under symbols, as annotations and error info are keyed.
    private static AmqpMap? AsAnnotations(AmqpMap? map)
    {
        if (map is null)
        {
            return null;
        }

        var annotations = new AmqpMap();
        foreach (var (name, value) in map)
        {
            annotations.Add(new AmqpSymbol((string)name), value);
        }

        return annotations;
    }
}
