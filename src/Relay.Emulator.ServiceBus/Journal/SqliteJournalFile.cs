using System.Globalization;
using Microsoft.Data.Sqlite;
using Relay.Emulator.ServiceBus.Entities;
using SQLitePCL;

namespace Relay.Emulator.ServiceBus.Journal;

/// <summary>The journal's file: schema, reading it back, writing a batch of changes as one transaction. Not thread-safe.</summary>
internal sealed class SqliteJournalFile : IDisposable
{
    public const string FileName = "service-bus.db";

    // "RSBJ": tells our files from other SQLite ones.
    private const int ApplicationId = 0x5253424A;
    private const int SchemaVersion = 2;

    private const string Schema = """
        CREATE TABLE store (id INTEGER PRIMARY KEY, path TEXT NOT NULL, last_number INTEGER NOT NULL);
        CREATE TABLE body (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE message (
            id INTEGER PRIMARY KEY, store INTEGER NOT NULL, body INTEGER NOT NULL, state INTEGER NOT NULL, delivery_count INTEGER NOT NULL, locked INTEGER NOT NULL,
            enqueue_number INTEGER NOT NULL, enqueued_ticks INTEGER NOT NULL, expires_ticks INTEGER NOT NULL, ttl_ticks INTEGER, scheduled_ticks INTEGER,
            dead_letter_source TEXT, message_id TEXT NOT NULL, session_id TEXT, durable INTEGER NOT NULL, priority INTEGER,
            annotation_count INTEGER NOT NULL, annotations BLOB NOT NULL, properties BLOB NOT NULL, application_properties BLOB NOT NULL, hops INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE session (store INTEGER NOT NULL, session_id TEXT NOT NULL, state BLOB NOT NULL, changed_ticks INTEGER NOT NULL, PRIMARY KEY (store, session_id));
        CREATE TABLE seen (store INTEGER NOT NULL, message_id TEXT NOT NULL, seen_ticks INTEGER NOT NULL, PRIMARY KEY (store, message_id)) WITHOUT ROWID;
        """;

    // From version 1, which did not forward.
    private const string Upgrade = "ALTER TABLE message ADD COLUMN hops INTEGER NOT NULL DEFAULT 0;";

    // Added to files of the same version where it is missing.
    private const string DefinitionTable = "CREATE TABLE IF NOT EXISTS definition (path TEXT PRIMARY KEY COLLATE NOCASE, bytes BLOB NOT NULL)";

    private readonly SqliteConnection _connection;
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _addMessage;
    private readonly SqliteStatement _changeMessage;
    private readonly SqliteStatement _lockMessage;
    private readonly SqliteStatement _removeMessage;
    private readonly SqliteStatement _addBody;
    private readonly SqliteStatement _removeBody;
    private readonly SqliteStatement _setStore;
    private readonly SqliteStatement _setSession;
    private readonly SqliteStatement _clearSession;
    private readonly SqliteStatement _addSeen;
    private readonly SqliteStatement _removeSeen;
    private readonly SqliteStatement _define;
    private readonly SqliteStatement _undefine;
    private readonly SqliteStatement[] _deleteStore;

    // Of the batch being written; kept for their capacity.
    private readonly HashSet<long> _added = [];
    private readonly HashSet<long> _removed = [];
    private readonly HashSet<long> _bodiesAdded = [];
    private readonly HashSet<long> _bodiesRemoved = [];
    private readonly Dictionary<JournalStore, long> _numbers = [];

    private SqliteJournalFile(SqliteConnection connection)
    {
        _connection = connection;
        _addMessage = Prepare("INSERT OR REPLACE INTO message VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
        _changeMessage = Prepare("UPDATE message SET state=?, delivery_count=?, locked=?, expires_ticks=?, application_properties=? WHERE id=?");
        _lockMessage = Prepare("UPDATE message SET locked=? WHERE id=?");
        _removeMessage = Prepare("DELETE FROM message WHERE id=?");
        _addBody = Prepare("INSERT OR REPLACE INTO body VALUES (?,?)");
        _removeBody = Prepare("DELETE FROM body WHERE id=?");
        _setStore = Prepare("INSERT INTO store VALUES (?,?,?) ON CONFLICT (id) DO UPDATE SET last_number = max(last_number, excluded.last_number)");
        _setSession = Prepare("INSERT OR REPLACE INTO session VALUES (?,?,?,?)");
        _clearSession = Prepare("DELETE FROM session WHERE store=? AND session_id=?");
        _addSeen = Prepare("INSERT OR REPLACE INTO seen VALUES (?,?,?)");
        _removeSeen = Prepare("DELETE FROM seen WHERE store=? AND message_id=?");
        _define = Prepare("INSERT OR REPLACE INTO definition VALUES (?,?)");
        _undefine = Prepare("DELETE FROM definition WHERE path=?");
        _deleteStore = [Prepare("DELETE FROM session WHERE store=?"), Prepare("DELETE FROM seen WHERE store=?"), Prepare("DELETE FROM store WHERE id=?")];
    }

    /// <summary>Opens or makes the file; what a crash left half-written is dropped by SQLite here.</summary>
    /// <exception cref="SqliteException">It cannot be opened, is no database, or is damaged.</exception>
    /// <exception cref="InvalidDataException">It is a database, but not one this version can read.</exception>
    public static SqliteJournalFile Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();

            // Exclusive: one process, and the WAL's index stays in memory. Full: a commit returns once it is on disk.
            Execute(connection, "PRAGMA busy_timeout=0; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;");
            MakeOrCheckSchema(connection);
            Execute(connection, DefinitionTable);
            return new SqliteJournalFile(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Execute(string sql) => Execute(_connection, sql);

    /// <summary>Writes the changes in one transaction; on return they are on disk, on an exception none of them is.</summary>
    public void Write(List<JournalChange> changes)
    {
        Sum(changes);
        RollBack();
        Execute("BEGIN IMMEDIATE");
        try
        {
            foreach (var (store, number) in _numbers)
            {
                _setStore.Bind(store.Id).Bind(store.Path).Bind(number).Run();
            }

            foreach (var change in changes)
            {
                Write(change);
            }

            Execute("COMMIT");
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    /// <summary>Reads everything back.</summary>
    /// <param name="stores">Gets the stores by path.</param>
    /// <param name="reader">Takes the contents.</param>
    /// <returns>The greatest id of a store.</returns>
    public long Read(Dictionary<string, JournalStore> stores, IJournalReader reader)
    {
        var byId = new Dictionary<long, JournalStore>();
        using (var rows = new SqliteStatement(_connection.Handle!, "SELECT id, path, last_number FROM store"))
        {
            while (rows.Read())
            {
                var store = new JournalStore(rows.Integer(0), rows.Text(1));
                byId.Add(store.Id, store);
                stores.Add(store.Path, store);
                reader.OnStore(store.Path, rows.Integer(2));
            }
        }

        ReadMessages(byId, reader);
        using (var rows = new SqliteStatement(_connection.Handle!, "SELECT store, session_id, state, changed_ticks FROM session"))
        {
            while (rows.Read())
            {
                reader.OnSession(PathOf(byId, rows.Integer(0)), rows.Text(1), rows.Bytes(2), rows.Time(3));
            }
        }

        using (var rows = new SqliteStatement(_connection.Handle!, "SELECT store, message_id, seen_ticks FROM seen ORDER BY seen_ticks"))
        {
            while (rows.Read())
            {
                reader.OnIdSeen(PathOf(byId, rows.Integer(0)), rows.Text(1), rows.Time(2));
            }
        }

        return byId.Keys.DefaultIfEmpty().Max();
    }

    /// <summary>Definitions of entities by path.</summary>
    public Dictionary<string, byte[]> ReadDefinitions()
    {
        var definitions = new Dictionary<string, byte[]>(StringComparer.OrdinalIgnoreCase);
        using var rows = new SqliteStatement(_connection.Handle!, "SELECT path, bytes FROM definition ORDER BY rowid");
        while (rows.Read())
        {
            definitions.Add(rows.Text(0), rows.Bytes(1));
        }

        return definitions;
    }

    public void Dispose()
    {
        _statements.ForEach(statement => statement.Dispose());
        _connection.Dispose();
    }

    private static void MakeOrCheckSchema(SqliteConnection connection)
    {
        var (application, version) = (Scalar(connection, "PRAGMA application_id"), Scalar(connection, "PRAGMA user_version"));
        if ((application, version) == (ApplicationId, SchemaVersion)) return;
        if (application == 0 && version == 0 && Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            Execute(connection, string.Create(
                CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; {Schema} PRAGMA application_id={ApplicationId}; PRAGMA user_version={SchemaVersion}; COMMIT;"));
            return;
        }

        if ((application, version) == (ApplicationId, 1))
        {
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"BEGIN IMMEDIATE; {Upgrade} PRAGMA user_version={SchemaVersion}; COMMIT;"));
            return;
        }

        throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture, $"expected a journal of schema {SchemaVersion} (application id {ApplicationId}), got schema {version} (application id {application})"));
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var rows = new SqliteStatement(connection.Handle!, sql);
        rows.Read();
        return rows.Integer(0);
    }

    private static void Execute(SqliteConnection connection, string sql) =>
        SqliteFault.ThrowUnless(raw.SQLITE_OK, raw.sqlite3_exec(connection.Handle, sql), connection.Handle!);

    private static string PathOf(Dictionary<long, JournalStore> stores, long id) =>
        stores.TryGetValue(id, out var store) ? store.Path : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"store {id} has contents but is not declared"));

    /// <summary>What comes and goes within one batch never touches the file; a store's last number is written once.</summary>
    private void Sum(List<JournalChange> changes)
    {
        _added.Clear();
        _removed.Clear();
        _bodiesAdded.Clear();
        _bodiesRemoved.Clear();
        _numbers.Clear();
        foreach (var change in changes)
        {
            switch (change.Kind)
            {
                case JournalRecordKind.Added:
                    _added.Add(change.Key);
                    if (change.WithBody) _bodiesAdded.Add(change.BodyKey);
                    _numbers[change.Store] = change.Number;
                    break;
                case JournalRecordKind.Removed:
                    _removed.Add(change.Key);
                    if (change.WithBody) _bodiesRemoved.Add(change.BodyKey);
                    break;
                case JournalRecordKind.NumberTaken:
                    _numbers[change.Store] = change.Number;
                    break;
                case JournalRecordKind.SessionState or JournalRecordKind.IdSeen:
                    _numbers.TryAdd(change.Store, 0);
                    break;
            }
        }
    }

    /// <summary>Ends the transaction if there is one: some errors end it by themselves.</summary>
    private void RollBack()
    {
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0) Execute("ROLLBACK");
    }

    private SqliteStatement Prepare(string sql)
    {
        var statement = new SqliteStatement(_connection.Handle!, sql);
        _statements.Add(statement);
        return statement;
    }

    private void Write(in JournalChange change)
    {
        switch (change.Kind)
        {
            case JournalRecordKind.Added:
                if (change.WithBody && !_bodiesRemoved.Contains(change.BodyKey)) _addBody.Bind(change.BodyKey).Bind(change.Content!.Body.Span).Run();
                if (!_removed.Contains(change.Key)) Add(change);
                break;
            case JournalRecordKind.Changed when !_removed.Contains(change.Key):
                _changeMessage.Bind((long)change.State).Bind(change.DeliveryCount).Bind(change.IsLocked).Bind(change.ExpiresAt)
                    .Bind(change.Content!.ApplicationProperties.Span).Bind(change.Key).Run();
                break;
            case JournalRecordKind.Locked when !_removed.Contains(change.Key):
                _lockMessage.Bind(change.IsLocked).Bind(change.Key).Run();
                break;
            case JournalRecordKind.Removed:
                if (!_added.Contains(change.Key)) _removeMessage.Bind(change.Key).Run();
                if (change.WithBody && !_bodiesAdded.Contains(change.BodyKey)) _removeBody.Bind(change.BodyKey).Run();
                break;
            case JournalRecordKind.SessionState when change.SessionState is { } state:
                _setSession.Bind(change.Store.Id).Bind(change.Name).Bind(state.Span).Bind(change.Time).Run();
                break;
            case JournalRecordKind.SessionState:
                _clearSession.Bind(change.Store.Id).Bind(change.Name).Run();
                break;
            case JournalRecordKind.IdSeen:
                _addSeen.Bind(change.Store.Id).Bind(change.Name).Bind(change.Time).Run();
                break;
            case JournalRecordKind.IdForgotten:
                _removeSeen.Bind(change.Store.Id).Bind(change.Name).Run();
                break;
            case JournalRecordKind.Defined when change.SessionState is { } definition:
                _define.Bind(change.Store.Path).Bind(definition.Span).Run();
                break;
            case JournalRecordKind.Defined:
                _undefine.Bind(change.Store.Path).Run();
                break;
            case JournalRecordKind.StoreDeleted:
                foreach (var statement in _deleteStore)
                {
                    statement.Bind(change.Store.Id).Run();
                }

                break;
        }
    }

    private void Add(in JournalChange change)
    {
        var content = change.Content!;
        _addMessage.Bind(change.Key).Bind(change.Store.Id).Bind(change.BodyKey).Bind((long)change.State).Bind(change.DeliveryCount).Bind(change.IsLocked)
            .Bind(change.EnqueueNumber).Bind(change.EnqueuedTime).Bind(change.ExpiresAt).Bind(content.TimeToLive?.Ticks).Bind(content.ScheduledEnqueueTime?.UtcTicks)
            .Bind(change.DeadLetterSource).Bind(content.MessageId).Bind(content.SessionId).Bind(content.Durable).Bind((long?)content.Priority)
            .Bind(content.AnnotationCount).Bind(content.Annotations.Span).Bind(content.Properties.Span).Bind(content.ApplicationProperties.Span)
            .Bind(content.Hops).Run();
    }

    private void ReadMessages(Dictionary<long, JournalStore> stores, IJournalReader reader)
    {
        var bodies = new Dictionary<long, MessageContent>();
        using var rows = new SqliteStatement(_connection.Handle!, """
            SELECT m.id, m.store, m.body, m.state, m.delivery_count, m.locked, m.enqueue_number, m.enqueued_ticks, m.expires_ticks, m.ttl_ticks, m.scheduled_ticks,
                m.dead_letter_source, m.message_id, m.session_id, m.durable, m.priority, m.annotation_count, m.annotations, m.properties, m.application_properties,
                b.bytes, b.id, m.hops
            FROM message m LEFT JOIN body b ON b.id = m.body ORDER BY m.id
            """);
        while (rows.Read())
        {
            var (key, path) = (rows.Integer(0), PathOf(stores, rows.Integer(1)));
            if (rows.IsNull(21)) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"message {JournalStore.NumberOf(key)} of '{path}' has no body"));
            var content = ReadContent(rows, bodies);
            content.Stored.References++;
            var state = (StoredState)rows.Integer(3);
            var entry = new MessageEntry(content, JournalStore.NumberOf(key))
            {
                DeliveryCount = (int)rows.Integer(4),
                EnqueueSequenceNumber = rows.Integer(6),
                EnqueuedTime = rows.Time(7),
                ExpiresAt = rows.Time(8),
                DeadLetterSource = rows.TextOrNull(11),
                IsDeferred = state == StoredState.Deferred,
                State = state switch
                {
                    StoredState.Ready => EntryState.Ready,
                    StoredState.Deferred => EntryState.Deferred,
                    StoredState.Scheduled => EntryState.Scheduled,
                },
            };
            reader.OnMessage(path, entry, rows.Integer(5) != 0);
        }
    }

    private static MessageContent ReadContent(SqliteStatement rows, Dictionary<long, MessageContent> bodies)
    {
        var bodyKey = rows.Integer(2);
        var shared = bodies.GetValueOrDefault(bodyKey);
        var content = new MessageContent
        {
            Stored = shared?.Stored ?? new StoredBody { Key = bodyKey },
            Body = shared?.Body ?? rows.Bytes(20),
            TimeToLive = rows.IsNull(9) ? null : new TimeSpan(rows.Integer(9)),
            ScheduledEnqueueTime = rows.IsNull(10) ? null : rows.Time(10),
            MessageId = rows.Text(12),
            SessionId = rows.TextOrNull(13),
            Durable = rows.Integer(14) != 0,
            Priority = rows.IsNull(15) ? null : (byte)rows.Integer(15),
            AnnotationCount = (int)rows.Integer(16),
            Annotations = rows.Bytes(17),
            Properties = rows.Bytes(18),
            ApplicationProperties = rows.Bytes(19),
            Hops = (int)rows.Integer(22),
        };
        bodies.TryAdd(bodyKey, content);
        return content;
    }
}
