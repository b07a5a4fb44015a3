using Emulator.ServiceBus.Journal;

namespace Emulator.ServiceBus.Entities;

/// <summary>Message ids seen within a window. Not thread-safe: guarded by its entity's gate.</summary>
/// <param name="domain">Where changes are recorded.</param>
/// <param name="path">The entity's path.</param>
/// <param name="window">How long an id is remembered after it was first seen.</param>
internal sealed class DuplicateHistory(EntityDomain domain, string path, TimeSpan window)
{
    private readonly HashSet<string> _ids = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<(string Id, DateTimeOffset SeenAt)> _order = [];

    /// <summary>How long an id is remembered after it was first seen.</summary>
    public TimeSpan Window { get; set; } = window;

    public int Count => _ids.Count;

    /// <summary>Remembers an id.</summary>
    /// <returns>False when it was seen within the window; the window is not extended.</returns>
    public bool TryAdd(string messageId, DateTimeOffset now)
    {
        while (_order.TryPeek(out var oldest) && now - oldest.SeenAt >= Window)
        {
            _ids.Remove(_order.Dequeue().Id);
            domain.Record(new JournalRecord(JournalRecordKind.IdForgotten, path, null, oldest.Id));
        }

        if (!_ids.Add(messageId)) return false;
        _order.Enqueue((messageId, now));
        domain.Record(new JournalRecord(JournalRecordKind.IdSeen, path, null, messageId, now));
        return true;
    }

    /// <summary>At start: an id the journal held, oldest first.</summary>
    public void RestoreLocked(string messageId, DateTimeOffset seenAt)
    {
        if (_ids.Add(messageId)) _order.Enqueue((messageId, seenAt));
    }
}
