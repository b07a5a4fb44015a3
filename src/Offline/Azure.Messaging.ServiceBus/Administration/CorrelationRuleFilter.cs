#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Matches when every field that is set equals the message's.</summary>
public sealed class CorrelationRuleFilter : RuleFilter
{
    /// <summary>A filter without a condition yet.</summary>
    public CorrelationRuleFilter()
    {
    }

    /// <summary>A filter by correlation id.</summary>
    /// <exception cref="ArgumentException">Null or empty.</exception>
    public CorrelationRuleFilter(string correlationId)
    {
        ArgumentException.ThrowIfNullOrEmpty(correlationId);
        CorrelationId = correlationId;
    }

    /// <summary>Required correlation id, or null for any.</summary>
    public string CorrelationId { get; set; }

    /// <summary>Required message id, or null for any.</summary>
    public string MessageId { get; set; }

    /// <summary>Required destination address, or null for any.</summary>
    public string To { get; set; }

    /// <summary>Required reply address, or null for any.</summary>
    public string ReplyTo { get; set; }

    /// <summary>Required subject, or null for any.</summary>
    public string Subject { get; set; }

    /// <summary>Required session id, or null for any.</summary>
    public string SessionId { get; set; }

    /// <summary>Required reply session id, or null for any.</summary>
    public string ReplyToSessionId { get; set; }

    /// <summary>Required content type, or null for any.</summary>
    public string ContentType { get; set; }

    /// <summary>Required application properties.</summary>
    public IDictionary<string, object> ApplicationProperties { get; } = new Dictionary<string, object>();
}
