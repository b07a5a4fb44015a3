using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Rules;

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
        var (first, second) = (SqlValue.Normalise(wanted), SqlValue.Normalise(value));
        return SqlValue.Compare(SqlComparisonOperator.Equal, first, second) ?? first!.Equals(second);
    }
}
