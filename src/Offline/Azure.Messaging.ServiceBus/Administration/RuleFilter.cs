#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>What a message must satisfy.</summary>
public abstract class RuleFilter
{
    internal RuleFilter()
    {
    }
}
