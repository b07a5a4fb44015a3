using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// What a namespace consists of at start: what the topology declares, and what was created, changed or deleted at run time. A run-time
/// change of a declared entity holds as long as its declaration is the one it was changed from; a new declaration wins.
/// </summary>
internal sealed class TopologyMerge
{
    private readonly IDefinitionCodec _codec;
    private readonly Dictionary<string, EntityDefinition> _stored = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, EntityOrigin> _origins = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _deleted = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _unreadable = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);
    private readonly DateTimeOffset _now;

    /// <param name="codec">Reads what is stored.</param>
    /// <param name="stored">Encoded definitions by path.</param>
    /// <param name="now">When declared entities count as created.</param>
    public TopologyMerge(IDefinitionCodec codec, IReadOnlyDictionary<string, byte[]> stored, DateTimeOffset now)
    {
        _codec = codec;
        _now = now;
        foreach (var (path, bytes) in stored)
        {
            // Nothing: what versions before wrote for a deleted entity that nobody declared.
            if (bytes.Length == 0) continue;
            try
            {
                _stored.Add(path, codec.Decode(path, bytes));
            }
            catch (InvalidDataException exception)
            {
                _unreadable.Add(path, exception.Message);
            }
        }
    }

    /// <summary>
    /// Why an entity is not served, by path: what it became at run time cannot be read, and what is declared may be what it no longer is.
    /// </summary>
    public IReadOnlyDictionary<string, string> Unreadable => _unreadable;

    /// <summary>Stored definitions that do not apply to this topology: they stay stored.</summary>
    public IEnumerable<string> Ignored => _stored.Keys.Where(path => !_used.Contains(path));

    /// <summary>Fingerprint of every declared entity that was deleted at run time.</summary>
    public IReadOnlyDictionary<string, string> Deleted => _deleted;

    /// <summary>Origin of every entity of the merged topology.</summary>
    public EntityOrigin OriginOf(string path) => _origins[path];

    public NamespaceTopology Merge(NamespaceTopology declared)
    {
        var queues = new List<QueueSettings>();
        foreach (var queue in declared.Queues)
        {
            if (Settle(new EntityDefinition(queue.Name, EntityKind.Queue, null, _now, _now) { Queue = queue }) is { IsDeleted: false } now)
            {
                queues.Add(now.Queue!);
            }
        }

        var topics = new List<TopicSettings>();
        var subscriptions = new List<(string Topic, SubscriptionSettings Settings)>();
        foreach (var topic in declared.Topics)
        {
            var definition = new EntityDefinition(
                topic.Name, EntityKind.Topic, null, _now, _now)
            { Topic = topic with { Subscriptions = [] } };
            if (Settle(definition) is { IsDeleted: false } now) topics.Add(now.Topic!);
            foreach (var subscription in topic.Subscriptions)
            {
                var path = EntityPath.Subscription(topic.Name, subscription.Name);
                var child = new EntityDefinition(path, EntityKind.Subscription, null, _now, _now) { Subscription = subscription };
                if (Settle(child) is { IsDeleted: false } kept)
                {
                    subscriptions.Add((topic.Name, kept.Subscription!));
                }
            }
        }

        foreach (var (path, definition) in _stored)
        {
            if (definition.Declared is not null || definition.IsDeleted || _origins.ContainsKey(path) || _deleted.ContainsKey(path))
            {
                continue;
            }
            if (definition.Subscription is not null) continue;
            Use(path, definition);
            if (definition.Queue is { } queue) queues.Add(queue);
            if (definition.Topic is { } topic) topics.Add(topic);
        }

        foreach (var (path, definition) in _stored)
        {
            if (definition is not { Declared: null, Subscription: { } subscription }
                || _origins.ContainsKey(path)
                || _deleted.ContainsKey(path))
            {
                continue;
            }
            if (!EntityPath.TrySplitSubscription(path, out var topic, out _) || !topics.Exists(candidate => Same(candidate.Name, topic)))
            {
                continue;
            }
            Use(path, definition);
            subscriptions.Add((topic, subscription));
        }

        var byTopic = subscriptions.ToLookup(pair => pair.Topic, pair => pair.Settings, StringComparer.OrdinalIgnoreCase);
        return declared with
        {
            Queues = queues,
            Topics = topics.ConvertAll(topic => topic with { Subscriptions = [.. byTopic[topic.Name]] }),
        };
    }

    /// <summary>The declaration, or what it became at run time.</summary>
    private EntityDefinition Settle(EntityDefinition declared)
    {
        if (_unreadable.ContainsKey(declared.Path)) return declared with { Queue = null, Topic = null, Subscription = null };
        var fingerprint = _codec.Fingerprint(declared);
        var applies = _stored.TryGetValue(declared.Path, out var stored) && stored.Kind == declared.Kind && stored.Declared == fingerprint;
        var settled = applies ? stored! : declared;
        if (applies) _used.Add(declared.Path);
        if (settled.IsDeleted) _deleted[declared.Path] = fingerprint;
        else AddOrigin(declared.Path, settled, fingerprint);
        return settled;
    }

    private void Use(string path, EntityDefinition definition)
    {
        _used.Add(path);
        AddOrigin(path, definition, null);
    }

    private void AddOrigin(string path, EntityDefinition definition, string? fingerprint)
    {
        _origins[path] = new EntityOrigin { Declared = fingerprint, CreatedAt = definition.CreatedAt, UpdatedAt = definition.UpdatedAt };
    }

    private static bool Same(string one, string two) => string.Equals(one, two, StringComparison.OrdinalIgnoreCase);
}
