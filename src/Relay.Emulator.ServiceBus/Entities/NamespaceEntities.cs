using System.Diagnostics.CodeAnalysis;
using Relay.Emulator.ServiceBus.Journal;
using Relay.Emulator.ServiceBus.Topology;

namespace Relay.Emulator.ServiceBus.Entities;

/// <summary>All entities of a namespace, found by address. Fixed once built.</summary>
internal sealed class NamespaceEntities : IDisposable
{
    private const long MiB = 1024 * 1024;

    private readonly Dictionary<string, EntityNode> _nodes = new(StringComparer.OrdinalIgnoreCase);

    public NamespaceEntities(NamespaceTopology topology, TimeProvider time, IMessageCodec codec, IMessageJournal journal)
    {
        Queues = [.. topology.Queues.Select(settings => new QueueEntity(settings, Domain(settings.MaxSizeInMegabytes)))];
        Topics = [.. topology.Topics.Select(settings => new TopicEntity(settings, Domain(settings.MaxSizeInMegabytes)))];
        foreach (var queue in Queues)
        {
            Add(new EntityNode(queue.Path, queue, queue.Messages, queue.CanReceive, null));
            Add(new EntityNode(queue.DeadLetters.Path, null, queue.DeadLetters, queue.CanReceive, null));
        }

        foreach (var topic in Topics)
        {
            Add(new EntityNode(topic.Path, topic, null, false, null));
            foreach (var subscription in topic.Subscriptions)
            {
                Add(new EntityNode(subscription.Path, null, subscription.Messages, subscription.CanReceive, subscription));
                Add(new EntityNode(subscription.DeadLetters.Path, null, subscription.DeadLetters, subscription.CanReceive, null));
            }
        }

        EntityDomain Domain(int maxMegabytes) => new(time, codec, journal, maxMegabytes * MiB);
    }

    public IReadOnlyList<QueueEntity> Queues { get; }

    public IReadOnlyList<TopicEntity> Topics { get; }

    /// <param name="path">Normalised path without <c>/$management</c>.</param>
    /// <param name="node">What it means.</param>
    public bool TryFind(string path, [MaybeNullWhen(false)] out EntityNode node) => _nodes.TryGetValue(path, out node);

    public void Dispose()
    {
        foreach (var queue in Queues)
        {
            queue.Dispose();
        }

        foreach (var topic in Topics)
        {
            topic.Dispose();
        }
    }

    private void Add(EntityNode node) => _nodes.Add(node.Path, node);
}
