#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>What a rule changes of the messages that satisfy it.</summary>
public abstract class RuleAction
{
    internal RuleAction()
    {
    }
}
