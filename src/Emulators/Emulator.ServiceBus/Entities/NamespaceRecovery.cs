using System.Globalization;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// Puts back what a journal held. Holds every gate from construction to disposal, both on one thread, so that no timer acts on half of it.
/// Contents of entities that are no longer declared stay in the journal, untouched.
/// </summary>
internal sealed class NamespaceRecovery : IJournalReader, IDisposable
{
    private readonly NamespaceEntities _entities;
    private readonly Dictionary<string, (MessageStore Store, IEntity Owner)> _stores = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, DuplicateHistory> _histories = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<EntityDomain> _domains = [];
    private readonly Dictionary<IEntity, string> _unusable = [];

    public NamespaceRecovery(NamespaceEntities entities)
    {
        _entities = entities;
        foreach (var queue in entities.Queues)
        {
            Add(queue);
            if (queue.History is { } history) _histories.Add(queue.Path, history);
        }

        foreach (var topic in entities.Topics)
        {
            Add(topic);
            if (topic.History is { } history) _histories.Add(topic.Path, history);
            foreach (var subscription in topic.Subscriptions)
            {
                Add(subscription);
            }
        }
    }

    /// <summary>Messages put back.</summary>
    public int Messages { get; private set; }

    /// <summary>Messages of entities that are not declared.</summary>
    public Dictionary<string, int> Undeclared { get; } = [];

    public void OnStore(string path, long lastNumber)
    {
        if (_stores.TryGetValue(path, out var found)) found.Store.RestoreNumberLocked(lastNumber);
    }

    public void OnMessage(string path, MessageEntry entry, DateTimeOffset due, bool wasLocked)
    {
        if (!_stores.TryGetValue(path, out var found))
        {
            Undeclared[path] = Undeclared.GetValueOrDefault(path) + 1;
            return;
        }

        if (_unusable.ContainsKey(found.Owner)) return;
        if (found.Store.Sessions is not null && entry.SessionId is null)
        {
            _unusable.Add(found.Owner, string.Create(
                CultureInfo.InvariantCulture,
                $"it requires sessions now, but its message {entry.SequenceNumber} in the journal has no session id; declare it "
                    + $"without sessions, or move the journal away"));
            return;
        }

        found.Store.RestoreLocked(entry, due, wasLocked);
        Messages++;
    }

    public void OnSession(string path, string sessionId, ReadOnlyMemory<byte> state, DateTimeOffset changedAt)
    {
        if (_stores.TryGetValue(path, out var found)) found.Store.Sessions?.RestoreStateLocked(sessionId, state, changedAt);
    }

    public void OnIdSeen(string path, string messageId, DateTimeOffset seenAt)
    {
        if (_histories.TryGetValue(path, out var history)) history.RestoreLocked(messageId, seenAt);
    }

    /// <summary>
    /// Once everything is back: does what fell due while nobody ran, locks included. What cannot be served is taken out before.
    /// </summary>
    public void Complete()
    {
        foreach (var (entity, reason) in _unusable)
        {
            _entities.Withhold(entity.Path, reason);
        }

        foreach (var (path, _) in Undeclared)
        {
            _entities.Withhold(
                EntityPath.Owner(path),
                "the journal holds messages of an entity of that name that is not declared; declare it again, or move the journal away");
        }

        foreach (var (store, owner) in _stores.Values)
        {
            if (!_unusable.ContainsKey(owner)) store.SweepDue();
        }
    }

    public void Dispose()
    {
        foreach (var domain in _domains)
        {
            domain.Gate.Exit();
        }
    }

    private void Add(IEntity entity)
    {
        foreach (var store in entity.Stores)
        {
            _stores.Add(store.Path, (store, entity));
        }

        if (_domains.Add(entity.Domain)) entity.Domain.Gate.Enter();
    }
}
