using Relay.Emulator.ServiceBus.Topology;

namespace Relay.Emulator.ServiceBus.Entities;

/// <summary>Whether a message meets a correlation filter: every condition that is set holds.</summary>
internal static class CorrelationMatch
{
    public static bool IsMatch(CorrelationFilter filter, FilterFields fields)
    {
        if (!Same(filter.CorrelationId, fields.CorrelationId)
            || !Same(filter.MessageId, fields.MessageId)
            || !Same(filter.To, fields.To)
            || !Same(filter.ReplyTo, fields.ReplyTo)
            || !Same(filter.Label, fields.Label)
            || !Same(filter.SessionId, fields.SessionId)
            || !Same(filter.ReplyToSessionId, fields.ReplyToSessionId)
            || !Same(filter.ContentType, fields.ContentType))
        {
            return false;
        }

        foreach (var (name, wanted) in filter.Properties)
        {
            if (!fields.Properties.TryGetValue(name, out var value) || !SameValue(wanted, value)) return false;
        }

        return true;
    }

    private static bool Same(string? wanted, string? value) => wanted is null || string.Equals(wanted, value, StringComparison.Ordinal);

    /// <summary>Numbers compare by value whatever their width: clients choose the width by the number.</summary>
    private static bool SameValue(object wanted, object? value)
    {
        if (TryInteger(wanted, out var first) && TryInteger(value, out var second)) return first == second;
        if (TryNumber(wanted, out var one) && TryNumber(value, out var two)) return one.Equals(two);
        return wanted.Equals(value);
    }

    private static bool TryInteger(object? value, out Int128 number)
    {
        (var found, number) = value switch
        {
            byte small => (true, (Int128)small),
            sbyte small => (true, small),
            short small => (true, small),
            ushort small => (true, small),
            int small => (true, small),
            uint small => (true, small),
            long large => (true, large),
            ulong large => (true, large),
            _ => (false, Int128.Zero),
        };
        return found;
    }

    private static bool TryNumber(object? value, out double number)
    {
        if (TryInteger(value, out var integer))
        {
            number = (double)integer;
            return true;
        }

        (var found, number) = value switch
        {
            float single => (true, single),
            double wide => (true, wide),
            decimal exact => (true, (double)exact),
            _ => (false, 0d),
        };
        return found;
    }
}
