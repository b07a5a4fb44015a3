namespace Relay.Emulator.ServiceBus.Topology;

/// <summary>A rule's condition. The four kinds below are all there are.</summary>
public abstract record RuleFilter
{
    private protected RuleFilter()
    {
    }
}

/// <summary>Matches every message.</summary>
public sealed record TrueFilter : RuleFilter
{
    private TrueFilter()
    {
    }

    /// <summary>The one instance.</summary>
    public static TrueFilter Instance { get; } = new();
}

/// <summary>Matches no message.</summary>
public sealed record FalseFilter : RuleFilter
{
    private FalseFilter()
    {
    }

    /// <summary>The one instance.</summary>
    public static FalseFilter Instance { get; } = new();
}

/// <summary>Matches by a SQL expression. Not implemented: refused by validation, <c>1=1</c> and <c>1=0</c> aside, which are read as the two constants.</summary>
/// <param name="Expression">SQL92-like predicate, at most 1024 characters.</param>
public sealed record SqlFilter(string Expression) : RuleFilter;

/// <summary>Matches when every field that is set equals the message's; strings compare by code point, numbers by value.</summary>
public sealed record CorrelationFilter : RuleFilter
{
    /// <summary>Required correlation id, or null for any.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Required message id, or null for any.</summary>
    public string? MessageId { get; init; }

    /// <summary>Required destination address, or null for any.</summary>
    public string? To { get; init; }

    /// <summary>Required reply address, or null for any.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Required subject, or null for any.</summary>
    public string? Label { get; init; }

    /// <summary>Required session id, or null for any.</summary>
    public string? SessionId { get; init; }

    /// <summary>Required reply session id, or null for any.</summary>
    public string? ReplyToSessionId { get; init; }

    /// <summary>Required content type, or null for any.</summary>
    public string? ContentType { get; init; }

    /// <summary>Required application properties: string, bool, or any number.</summary>
    public IReadOnlyDictionary<string, object> Properties { get; init; } = new Dictionary<string, object>();

    internal bool IsEmpty => Properties.Count == 0
        && (CorrelationId ?? MessageId ?? To ?? ReplyTo ?? Label ?? SessionId ?? ReplyToSessionId ?? ContentType) is null;
}
