#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Matches no message.</summary>
public sealed class FalseRuleFilter : SqlRuleFilter
{
    /// <summary>The filter.</summary>
    public FalseRuleFilter()
        : base("1=0")
    {
    }
}
