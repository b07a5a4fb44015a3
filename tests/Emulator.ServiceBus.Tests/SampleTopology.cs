using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Tests;

/// <summary>The entities that the scripts under Node/ expect.</summary>
internal static class SampleTopology
{
    /// <summary>Bytes: the scripts send messages such as only a Premium namespace takes.</summary>
    public const int LargeMessages = 1024 * 1024;

    public static NamespaceTopology Create() => new()
    {
        Queues =
        [
            new QueueSettings { Name = "q1" },
            new QueueSettings { Name = "q2" },
            new QueueSettings { Name = "fragile", MaxDeliveryCount = 2 },
            new QueueSettings { Name = "sq", RequiresSession = true },
            new QueueSettings { Name = "forward", ForwardTo = "q2", ForwardDeadLetteredMessagesTo = "q2" },
            new QueueSettings { Name = "forward-nowhere", ForwardTo = "closed" },
            new QueueSettings { Name = "closed", Status = EntityStatus.SendDisabled },
        ],
        Topics =
        [
            new TopicSettings
            {
                Name = "t1",
                RequiresDuplicateDetection = true,
                Subscriptions =
                [
                    new SubscriptionSettings { Name = "all" },
                    new SubscriptionSettings
                    {
                        Name = "some",
                        Rules = [new RuleSettings { Name = "kind-b", Filter = new CorrelationFilter { Properties = new Dictionary<string, object> { ["kind"] = "b" } } }],
                    },
                ],
            },
            new TopicSettings { Name = "t2", Subscriptions = [new SubscriptionSettings { Name = "ruled" }] },
        ],
    };
}
