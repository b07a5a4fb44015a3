using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Links;

/// <summary>From a client's delivery state to what to do, and the state to answer with: the same outcome type, without error.</summary>
internal static class SettlementReader
{
    /// <param name="state">What the client said; may be null.</param>
    /// <param name="settlement">What to do.</param>
    /// <param name="reply">The answer on success, or when false is returned the refusal.</param>
    public static bool TryRead(DeliveryState? state, out Settlement settlement, out DeliveryState reply)
    {
        settlement = Settlement.Complete;
        reply = new Rejected(new AmqpError(AmqpCondition.NotImplemented, "Expected accepted, rejected, released or modified."));
        switch (state)
        {
            case Accepted:
                reply = Accepted.Instance;
                return true;
            case Released:
                settlement = Settlement.Release;
                reply = Released.Instance;
                return true;
            case Modified modified:
                var kind = modified.UndeliverableHere == true ? SettlementKind.Defer : SettlementKind.Abandon;
                settlement = new Settlement(kind, Properties(modified.MessageAnnotations));
                reply = new Modified(modified.DeliveryFailed, modified.UndeliverableHere);
                return true;
            case Rejected rejected:
                settlement = new Settlement(SettlementKind.DeadLetter, DeadLetterProperties(rejected.Error));
                reply = new Rejected((AmqpError?)null);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A map whose keys are strings from one client and symbols from another.</summary>
    public static List<KeyValuePair<string, object?>> Properties(AmqpMap? map)
    {
        var properties = new List<KeyValuePair<string, object?>>();
        foreach (var (key, value) in map ?? [])
        {
            var name = key is AmqpSymbol symbol ? symbol.Value : key as string;
            if (name is not null) properties.Add(new(name, value));
        }

        return properties;
    }

    private static List<KeyValuePair<string, object?>> DeadLetterProperties(AmqpError? error)
    {
        var properties = Properties(error?.Info);
        if (error is null || error.Condition == ServiceBusCondition.DeadLetter) return properties;

        // A plain AMQP client has nothing but the error itself to say why.
        if (!Has(DeadLetterReason.ReasonProperty)) properties.Add(new(DeadLetterReason.ReasonProperty, error.Condition.Value));
        if (error.Description is { } text && !Has(DeadLetterReason.DescriptionProperty))
        {
            properties.Add(new(DeadLetterReason.DescriptionProperty, text));
        }
        return properties;

        bool Has(string name) => properties.Exists(property => property.Key == name);
    }
}
