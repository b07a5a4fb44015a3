using System.Globalization;
using Emulator.ServiceBus.Journal;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// Puts back what a journal held. Holds every gate from construction to disposal, both on one thread, so that no timer acts on half of it.
/// Contents of entities that are no longer declared stay in the journal, untouched.
/// </summary>
internal sealed class NamespaceRecovery : IJournalReader, IDisposable
{
    private readonly Dictionary<string, MessageStore> _stores = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, DuplicateHistory> _histories = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<EntityDomain> _domains = [];

    public NamespaceRecovery(NamespaceEntities entities)
    {
        foreach (var queue in entities.Queues)
        {
            foreach (var store in queue.Stores)
            {
                Add(store);
            }

            if (queue.History is { } history) _histories.Add(queue.Path, history);
        }

        foreach (var topic in entities.Topics)
        {
            Add(topic.Waiting);
            if (topic.History is { } history) _histories.Add(topic.Path, history);
            foreach (var subscription in topic.Subscriptions)
            {
                foreach (var store in subscription.Stores)
                {
                    Add(store);
                }
            }
        }
    }

    /// <summary>Messages put back.</summary>
    public int Messages { get; private set; }

    /// <summary>Messages of entities that are not declared.</summary>
    public Dictionary<string, int> Undeclared { get; } = [];

    public void OnStore(string path, long lastNumber)
    {
        if (_stores.TryGetValue(path, out var store)) store.RestoreNumberLocked(lastNumber);
    }

    public void OnMessage(string path, MessageEntry entry, DateTimeOffset due, bool wasLocked)
    {
        if (!_stores.TryGetValue(path, out var store))
        {
            Undeclared[path] = Undeclared.GetValueOrDefault(path) + 1;
            return;
        }

        if (store.Sessions is not null && entry.SessionId is null)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"entity '{path}' requires sessions now, but its message {entry.SequenceNumber} has no session id"));
        }

        store.RestoreLocked(entry, due, wasLocked);
        Messages++;
    }

    public void OnSession(string path, string sessionId, ReadOnlyMemory<byte> state, DateTimeOffset changedAt)
    {
        if (_stores.TryGetValue(path, out var store)) store.Sessions?.RestoreStateLocked(sessionId, state, changedAt);
    }

    public void OnIdSeen(string path, string messageId, DateTimeOffset seenAt)
    {
        if (_histories.TryGetValue(path, out var history)) history.RestoreLocked(messageId, seenAt);
    }

    /// <summary>Once everything is back: does what fell due while nobody ran, locks included.</summary>
    public void Complete()
    {
        foreach (var store in _stores.Values)
        {
            store.SweepDue();
        }
    }

    public void Dispose()
    {
        foreach (var domain in _domains)
        {
            domain.Gate.Exit();
        }
    }

    private void Add(MessageStore store)
    {
        _stores.Add(store.Path, store);
        if (_domains.Add(store.Domain)) store.Domain.Gate.Enter();
    }
}
