using System.Globalization;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Journal;

/// <summary>Reads a journal's file back at start: all but contents, which stay where they are until somebody wants them.</summary>
internal static class SqliteRecovery
{
    /// <param name="file">The file.</param>
    /// <param name="stores">Gets the stores by path.</param>
    /// <param name="references">Gets who shares a content.</param>
    /// <param name="reader">Takes the rest.</param>
    /// <returns>The greatest id of a store.</returns>
    /// <exception cref="InvalidDataException">The rows contradict each other.</exception>
    public static long Read(
        SqliteJournalFile file, Dictionary<string, JournalStore> stores, ContentReferences references, IJournalReader reader)
    {
        var byId = new Dictionary<long, JournalStore>();
        using (var rows = file.Query("SELECT id, path, last_number FROM store"))
        {
            while (rows.Read())
            {
                var store = new JournalStore(rows.Integer(0), rows.Text(1));
                byId.Add(store.Id, store);
                stores.Add(store.Path, store);
                reader.OnStore(store.Path, rows.Integer(2));
            }
        }

        ReadMessages(file, byId, references, reader);
        using (var rows = file.Query("SELECT store, session_id, state, changed_ticks FROM session"))
        {
            while (rows.Read())
            {
                reader.OnSession(PathOf(byId, rows.Integer(0)), rows.Text(1), rows.Bytes(2), rows.Time(3));
            }
        }

        using (var rows = file.Query("SELECT store, message_id, seen_ticks FROM seen ORDER BY seen_ticks"))
        {
            while (rows.Read())
            {
                reader.OnIdSeen(PathOf(byId, rows.Integer(0)), rows.Text(1), rows.Time(2));
            }
        }

        return byId.Keys.DefaultIfEmpty().Max();
    }

    /// <summary>Definitions of entities by path.</summary>
    public static Dictionary<string, byte[]> ReadDefinitions(SqliteJournalFile file)
    {
        var definitions = new Dictionary<string, byte[]>(StringComparer.OrdinalIgnoreCase);
        using var rows = file.Query("SELECT path, bytes FROM definition ORDER BY rowid");
        while (rows.Read())
        {
            definitions.Add(rows.Text(0), rows.Bytes(1));
        }

        return definitions;
    }

    private static void ReadMessages(
        SqliteJournalFile file, Dictionary<long, JournalStore> stores, ContentReferences references, IJournalReader reader)
    {
        // Counts of contents that somebody has who did not bring them; the bringers are added at the end.
        var shared = new Dictionary<long, int>();
        var sources = new Dictionary<string, string>();
        using (var rows = file.Query("""
            SELECT id, content, state, delivery_count, locked, enqueue_number, enqueued_ticks, expires_ticks, due_ticks, size, session_id, dead_letter_source, head IS NOT NULL
            FROM message ORDER BY id
            """))
        {
            while (rows.Read())
            {
                var (key, contentKey) = (rows.Integer(0), rows.Integer(1));
                if (contentKey != key) shared[contentKey] = shared.GetValueOrDefault(contentKey) + 1;
                reader.OnMessage(
                    PathOf(stores, JournalStore.StoreOf(key)),
                    Entry(rows, sources),
                    rows.IsNull(8) ? DateTimeOffset.MinValue : rows.Time(8),
                    rows.Integer(4) != 0);
            }
        }

        using var bringer = file.Query("SELECT 1 FROM message WHERE id=? AND content=id");
        foreach (var (key, count) in shared)
        {
            bringer.Bind(key);
            references.Restore(key, count + (bringer.Read() ? 1 : 0));
            bringer.Reset();
        }
    }

    private static MessageEntry Entry(SqliteStatement rows, Dictionary<string, string> sources)
    {
        var (key, state) = (rows.Integer(0), (StoredState)rows.Integer(2));
        return new MessageEntry(JournalStore.NumberOf(key), rows.TextOrNull(10), (int)rows.Integer(9))
        {
            ContentKey = rows.Integer(1),
            IsContentOwner = rows.Integer(1) == key,
            DeliveryCount = (int)rows.Integer(3),
            EnqueueSequenceNumber = rows.Integer(5),
            EnqueuedTime = rows.Time(6),
            ExpiresAt = rows.IsNull(7) ? DateTimeOffset.MaxValue : rows.Time(7),
            DeadLetterSource = Shared(rows.TextOrNull(11), sources),
            IsRewritten = rows.Integer(12) != 0,
            IsDeferred = state == StoredState.Deferred,
            State = state switch
            {
                StoredState.Ready => EntryState.Ready,
                StoredState.Deferred => EntryState.Deferred,
                StoredState.Scheduled => EntryState.Scheduled,
            },
        };
    }

    /// <summary>One text for all that are alike.</summary>
    private static string? Shared(string? text, Dictionary<string, string> sources)
    {
        if (text is null) return null;
        if (sources.TryGetValue(text, out var known)) return known;
        sources.Add(text, text);
        return text;
    }

    private static string PathOf(Dictionary<long, JournalStore> stores, long id) =>
        stores.TryGetValue(id, out var store)
            ? store.Path
            : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"store {id} has contents but is not declared"));
}
