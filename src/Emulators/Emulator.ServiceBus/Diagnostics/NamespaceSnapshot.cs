using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Diagnostics;

/// <summary>How a namespace stood at about one moment: each entity is exact, all together are not.</summary>
/// <param name="Connections">AMQP connections, handshakes included.</param>
/// <param name="Entities">Queues, then each topic followed by its subscriptions, in declared order.</param>
public sealed record NamespaceSnapshot(int Connections, IReadOnlyList<EntitySnapshot> Entities)
{
    internal static NamespaceSnapshot Of(NamespaceEntities entities, int connections)
    {
        var list = new List<EntitySnapshot>();
        foreach (var queue in entities.Queues)
        {
            list.Add(Of(queue.Path, EntityKind.Queue, queue.Messages.Count(), queue.DeadLetters.Count()));
        }

        foreach (var topic in entities.Topics)
        {
            list.Add(Of(topic.Path, EntityKind.Topic, topic.Waiting.Count(), default));
            foreach (var subscription in topic.Subscriptions)
            {
                list.Add(Of(subscription.Path, EntityKind.Subscription, subscription.Messages.Count(), subscription.DeadLetters.Count()));
            }
        }

        return new NamespaceSnapshot(connections, list);
    }

    private static EntitySnapshot Of(string path, EntityKind kind, StoreCounts counts, StoreCounts dead) =>
        new(path, kind, counts.Active, dead.Active + dead.Deferred, counts.Scheduled, counts.Deferred);
}
