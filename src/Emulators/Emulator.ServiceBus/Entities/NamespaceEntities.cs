using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// All entities of a namespace, found by address. Looking up is safe at any time; adding and removing is for one caller at a time, who
/// checked names and settings.
/// </summary>
internal sealed class NamespaceEntities : IDisposable
{
    private readonly ConcurrentDictionary<string, EntityNode> _nodes = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _time;
    private readonly IMessageCodec _codec;
    private readonly IMessageJournal _journal;
    private readonly IDefinitionCodec? _definitions;
    // Fingerprints of declared entities that are deleted, for the next of that name: a restart must not take the old one for it.
    private readonly Dictionary<string, string> _deleted;
    private readonly Dictionary<string, string> _withheld;
    private ImmutableList<QueueEntity> _queues;
    private ImmutableList<TopicEntity> _topics;

    /// <param name="topology">What there is at the start.</param>
    /// <param name="time">Clock of every entity.</param>
    /// <param name="codec">Reads messages.</param>
    /// <param name="journal">Where changes are made durable.</param>
    /// <param name="definitions">Writes what entities become at run time; null when that is not kept.</param>
    /// <param name="merge">Where the topology's entities come from; null for all made now.</param>
    public NamespaceEntities(
        NamespaceTopology topology,
        TimeProvider time,
        IMessageCodec codec,
        IMessageJournal journal,
        IDefinitionCodec? definitions = null,
        TopologyMerge? merge = null)
    {
        Func<string, EntityOrigin>? origin = merge is null ? null : merge.OriginOf;
        Forwarding = new Forwarding(path => TryFind(path, out var node) ? node.SendTarget : null);
        _deleted = new(merge?.Deleted ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase);
        _withheld = new(merge?.Unreadable ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase);
        (_time, _codec, _journal, _definitions) = (time, codec, journal, definitions);
        _queues =
        [
            .. topology.Queues.Select(
                settings => new QueueEntity(settings, Domain(settings.MaxSizeInMegabytes), origin?.Invoke(settings.Name))),
        ];
        _topics =
        [
            .. topology.Topics.Select(
                settings => new TopicEntity(settings, Domain(settings.MaxSizeInMegabytes), origin?.Invoke(settings.Name), origin)),
        ];
        _queues.ForEach(Publish);
        foreach (var topic in _topics)
        {
            Publish(topic);
            foreach (var subscription in topic.Subscriptions)
            {
                Publish(subscription);
            }
        }
    }

    public Forwarding Forwarding { get; }

    /// <summary>In the order they were declared or made.</summary>
    public IReadOnlyList<QueueEntity> Queues => Volatile.Read(ref _queues);

    /// <summary>In the order they were declared or made.</summary>
    public IReadOnlyList<TopicEntity> Topics => Volatile.Read(ref _topics);

    /// <param name="path">Normalised path without <c>/$management</c>.</param>
    /// <param name="node">What it means.</param>
    public bool TryFind(string path, [MaybeNullWhen(false)] out EntityNode node) => _nodes.TryGetValue(path, out node);

    /// <summary>The queue, topic or subscription itself; not a dead-letter queue.</summary>
    public bool TryFindEntity<T>(string path, [MaybeNullWhen(false)] out T entity)
        where T : class, IEntity
    {
        entity = _nodes.TryGetValue(path, out var node) && string.Equals(node.Owner.Path, path, StringComparison.OrdinalIgnoreCase)
            ? node.Owner as T
            : null;
        return entity is not null;
    }

    /// <summary>
    /// Names that are not served and cannot be given anew, with the reason:
    /// what the journal holds under them would be mixed up with what is new.
    /// </summary>
    public IReadOnlyDictionary<string, string> Withheld => _withheld;

    /// <summary>At start: a name that the journal holds something under that cannot be served.</summary>
    /// <param name="path">Of a queue, topic or subscription.</param>
    /// <param name="reason">Ends a sentence that begins with the name.</param>
    public void Withhold(string path, string reason)
    {
        _withheld.TryAdd(path, reason);
        if (TryFindEntity<QueueEntity>(path, out var queue))
        {
            _queues = _queues.Remove(queue);
            Withdraw(queue);
        }
        else if (TryFindEntity<SubscriptionEntity>(path, out var subscription))
        {
            foreach (var topic in _topics)
            {
                topic.Remove(subscription);
            }

            Withdraw(subscription);
        }
    }

    public EntityOutcome Add(QueueSettings settings)
    {
        var queue = new QueueEntity(settings, Domain(settings.MaxSizeInMegabytes), NewOrigin(settings.Name));
        var outcome = Define(queue);
        if (outcome.Fault != EntityFault.None) return outcome;
        _queues = _queues.Add(queue);
        Publish(queue);
        return outcome;
    }

    /// <summary>Adds a topic without subscriptions.</summary>
    public EntityOutcome Add(TopicSettings settings)
    {
        var topic = new TopicEntity(settings with { Subscriptions = [] }, Domain(settings.MaxSizeInMegabytes), NewOrigin(settings.Name));
        var outcome = Define(topic);
        if (outcome.Fault != EntityFault.None) return outcome;
        _topics = _topics.Add(topic);
        Publish(topic);
        return outcome;
    }

    public EntityOutcome Add(TopicEntity topic, SubscriptionSettings settings)
    {
        var subscription = new SubscriptionEntity(
            topic.Path, settings, topic.Domain, NewOrigin(EntityPath.Subscription(topic.Path, settings.Name)));
        var outcome = topic.Add(subscription);
        if (outcome.Fault == EntityFault.None) Publish(subscription);
        return outcome;
    }

    public EntityOutcome Remove(QueueEntity queue)
    {
        var outcome = queue.Close();
        if (outcome.Fault != EntityFault.None) return outcome;
        _queues = _queues.Remove(queue);
        return Erase(queue);
    }

    /// <summary>Removes a topic with its subscriptions.</summary>
    public EntityOutcome Remove(TopicEntity topic)
    {
        var outcome = topic.Close();
        if (outcome.Fault != EntityFault.None) return outcome;
        _topics = _topics.Remove(topic);
        foreach (var subscription in topic.Subscriptions)
        {
            Remove(topic, subscription);
        }

        return Erase(topic);
    }

    public EntityOutcome Remove(TopicEntity topic, SubscriptionEntity subscription)
    {
        var outcome = subscription.Close();
        if (outcome.Fault != EntityFault.None) return outcome;
        topic.Remove(subscription);
        return Erase(subscription);
    }

    public void Dispose()
    {
        Forwarding.Dispose();
        _queues.ForEach(queue => queue.Dispose());
        _topics.ForEach(topic => topic.Dispose());
    }

    private EntityOrigin NewOrigin(string path) => EntityOrigin.At(_time.GetUtcNow(), _deleted.GetValueOrDefault(path));

    private EntityDomain Domain(int maxMegabytes) =>
        new(_time, _codec, _journal, EntityDomain.Megabytes(maxMegabytes), _definitions) { Forwarding = Forwarding };

    /// <summary>
    /// What is not stored yet can be found already: a crash before it is stored leaves an entity that nobody was told of.
    /// </summary>
    private static EntityOutcome Define(IEntity entity)
    {
        lock (entity.Domain.Gate)
        {
            if (entity.Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            entity.Domain.Begin(entity);
            return entity.Domain.Commit();
        }
    }

    /// <summary>The entity is served no more; what the journal holds of it stays as it is.</summary>
    private void Withdraw(IEntity entity)
    {
        Hide(entity);
        lock (entity.Domain.Gate)
        {
            foreach (var store in entity.Stores)
            {
                store.AbandonLocked();
            }
        }
    }

    private void Hide(IEntity entity)
    {
        foreach (var store in entity.Stores)
        {
            _nodes.TryRemove(store.Path, out _);
        }
    }

    private EntityOutcome Erase(IEntity entity)
    {
        Hide(entity);
        entity.Life.Delete();
        if (entity.Origin.Declared is { } declared) _deleted[entity.Path] = declared;

        // Messages first: a crash on the way leaves the entity with some of them, and its deletion unconfirmed.
        foreach (var store in entity.Stores)
        {
            store.Purge();
        }

        lock (entity.Domain.Gate)
        {
            foreach (var store in entity.Stores)
            {
                store.EraseLocked();
            }

            entity.Domain.Undefine(entity);
            var outcome = entity.Domain.Commit();
            foreach (var store in entity.Stores)
            {
                store.Dispose();
            }

            return outcome;
        }
    }

    private void Publish(QueueEntity queue)
    {
        Add(new EntityNode(queue.Path, queue, queue.Messages, queue, null));
        Add(new EntityNode(queue.DeadLetters.Path, null, queue.DeadLetters, queue, null));
        Add(new EntityNode(queue.TransferDeadLetters.Path, null, queue.TransferDeadLetters, queue, null));
    }

    private void Publish(TopicEntity topic) => Add(new EntityNode(topic.Path, topic, null, topic, null));

    private void Publish(SubscriptionEntity subscription)
    {
        Add(new EntityNode(subscription.Path, null, subscription.Messages, subscription, subscription));
        Add(new EntityNode(subscription.DeadLetters.Path, null, subscription.DeadLetters, subscription, null));
        Add(new EntityNode(subscription.TransferDeadLetters.Path, null, subscription.TransferDeadLetters, subscription, null));
    }

    private void Add(EntityNode node)
    {
        if (!_nodes.TryAdd(node.Path, node))
        {
            throw new ArgumentException($"Expected a path that is free, got '{node.Path}', which is taken.");
        }
    }
}
