namespace Emulator.ServiceBus.Topology;

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

/// <summary>
/// Matches by a SQL expression. In Config.json and over AMQP, <c>1=1</c> and <c>1=0</c> as clients write their two constants are read as
/// those.
/// </summary>
/// <param name="Expression">SQL92-like predicate, at most 1024 characters.</param>
public sealed record SqlFilter(string Expression) : RuleFilter
{
    /// <summary>
    /// Values of <c>@name</c> in the expression, by name with or without the sign: string, bool, any number, Guid, DateTime, DateTimeOffset
    /// or TimeSpan.
    /// </summary>
    public IReadOnlyDictionary<string, object> Parameters { get; init; } = new Dictionary<string, object>();

    /// <summary>The two constants as such, anything else as an expression: also <c>1 = 1</c>, which is somebody's own.</summary>
    internal static RuleFilter Of(string expression, IReadOnlyDictionary<string, object>? parameters = null) => expression switch
    {
        "1=1" => TrueFilter.Instance,
        "1=0" => FalseFilter.Instance,
        _ => parameters is { Count: > 0 } ? new SqlFilter(expression) { Parameters = parameters } : new SqlFilter(expression),
    };
}

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

    /// <summary>One whose fields are read by name, in whatever form they come.</summary>
    /// <param name="text">A field by its name here; null when it is not set.</param>
    /// <param name="properties">As <see cref="Properties"/>.</param>
    internal static CorrelationFilter Of(Func<string, string?> text, IReadOnlyDictionary<string, object> properties) => new()
    {
        CorrelationId = text(nameof(CorrelationId)),
        MessageId = text(nameof(MessageId)),
        To = text(nameof(To)),
        ReplyTo = text(nameof(ReplyTo)),
        Label = text(nameof(Label)),
        SessionId = text(nameof(SessionId)),
        ReplyToSessionId = text(nameof(ReplyToSessionId)),
        ContentType = text(nameof(ContentType)),
        Properties = properties,
    };

    internal bool IsEmpty => Properties.Count == 0
        && (CorrelationId ?? MessageId ?? To ?? ReplyTo ?? Label ?? SessionId ?? ReplyToSessionId ?? ContentType) is null;
}
