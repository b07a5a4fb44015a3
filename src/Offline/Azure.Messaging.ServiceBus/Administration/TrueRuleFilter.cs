#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Matches every message.</summary>
public sealed class TrueRuleFilter : SqlRuleFilter
{
    /// <summary>The filter.</summary>
    public TrueRuleFilter()
        : base("1=1")
    {
    }
}
