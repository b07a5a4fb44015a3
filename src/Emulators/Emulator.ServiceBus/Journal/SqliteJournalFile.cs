using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Emulator.Hosting;
using SQLitePCL;

namespace Emulator.ServiceBus.Journal;

/// <summary>The journal's file: its schema, and writing a batch of changes as one transaction. Not thread-safe.</summary>
internal sealed class SqliteJournalFile : IDisposable
{
    public const string FileName = "service-bus.db";

    // "RSBJ": tells our files from other SQLite ones.
    private const int ApplicationId = 0x5253424A;
    private const int SchemaVersion = 3;

    // Small rows that change, large ones that do not: a start reads the former only.
    private const string Schema = """
        CREATE TABLE store (id INTEGER PRIMARY KEY, path TEXT NOT NULL, last_number INTEGER NOT NULL);
        CREATE TABLE content (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE message (
            id INTEGER PRIMARY KEY, content INTEGER NOT NULL, state INTEGER NOT NULL, delivery_count INTEGER NOT NULL, locked INTEGER NOT NULL,
            enqueue_number INTEGER NOT NULL, enqueued_ticks INTEGER NOT NULL, expires_ticks INTEGER, due_ticks INTEGER, size INTEGER NOT NULL,
            session_id TEXT, dead_letter_source TEXT, head BLOB);
        CREATE TABLE session (store INTEGER NOT NULL, session_id TEXT NOT NULL, state BLOB NOT NULL, changed_ticks INTEGER NOT NULL, PRIMARY KEY (store, session_id));
        CREATE TABLE seen (store INTEGER NOT NULL, message_id TEXT NOT NULL, seen_ticks INTEGER NOT NULL, PRIMARY KEY (store, message_id)) WITHOUT ROWID;
        CREATE TABLE definition (path TEXT PRIMARY KEY COLLATE NOCASE, bytes BLOB NOT NULL);
        """;

    private readonly SqliteConnection _connection;
    private readonly FileStream _lock;
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _addMessage;
    private readonly SqliteStatement _changeMessage;
    private readonly SqliteStatement _rewriteMessage;
    private readonly SqliteStatement _lockMessages;
    private readonly SqliteStatement _removeMessages;
    private readonly SqliteStatement _addContent;
    private readonly SqliteStatement _removeContents;
    private readonly SqliteStatement _setStore;
    private readonly SqliteStatement _setSession;
    private readonly SqliteStatement _clearSession;
    private readonly SqliteStatement _addSeen;
    private readonly SqliteStatement _removeSeen;
    private readonly SqliteStatement _define;
    private readonly SqliteStatement _undefine;
    private readonly SqliteStatement[] _deleteStore;

    private readonly SqliteBatch _batch = new();
    private byte[] _buffer = new byte[4096];

    // Messages in a row that were locked, not written yet.
    private (long First, long Last, bool IsLocked) _locked;

    private SqliteJournalFile(SqliteConnection connection, FileStream exclusive)
    {
        _connection = connection;
        _lock = exclusive;
        _addMessage = Prepare("INSERT OR REPLACE INTO message VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
        _changeMessage = Prepare("UPDATE message SET state=?, delivery_count=?, locked=?, expires_ticks=? WHERE id=?");
        _rewriteMessage = Prepare("UPDATE message SET state=?, delivery_count=?, locked=?, expires_ticks=?, size=?, head=? WHERE id=?");
        _lockMessages = Prepare("UPDATE message SET locked=? WHERE id BETWEEN ? AND ?");
        _removeMessages = Prepare("DELETE FROM message WHERE id BETWEEN ? AND ?");
        _addContent = Prepare("INSERT OR REPLACE INTO content VALUES (?,?)");
        _removeContents = Prepare("DELETE FROM content WHERE id BETWEEN ? AND ?");
        _setStore = Prepare(
            "INSERT INTO store VALUES (?,?,?) ON CONFLICT (id) DO UPDATE SET last_number = max(last_number, excluded.last_number)");
        _setSession = Prepare("INSERT OR REPLACE INTO session VALUES (?,?,?,?)");
        _clearSession = Prepare("DELETE FROM session WHERE store=? AND session_id=?");
        _addSeen = Prepare("INSERT OR REPLACE INTO seen VALUES (?,?,?)");
        _removeSeen = Prepare("DELETE FROM seen WHERE store=? AND message_id=?");
        _define = Prepare("INSERT OR REPLACE INTO definition VALUES (?,?)");
        _undefine = Prepare("DELETE FROM definition WHERE path=?");
        _deleteStore =
        [
            Prepare("DELETE FROM session WHERE store=?"), Prepare("DELETE FROM seen WHERE store=?"),
            Prepare("DELETE FROM store WHERE id=?"),
        ];
    }

    /// <summary>Opens or makes the file; what a crash left half-written is dropped by SQLite here.</summary>
    /// <exception cref="SqliteException">It cannot be opened, is no database, or is damaged.</exception>
    /// <exception cref="InvalidDataException">It is a database, but not one this version can read; or another process has it.</exception>
    public static SqliteJournalFile Open(string path)
    {
        var exclusive = Lock(path);
        SqliteConnection? connection = null;
        try
        {
            // Ours alone before SQLite opens it: it gives the files beside it the permissions of this one.
            foreach (var file in new[] { path + "-wal", path + "-shm" })
            {
                OwnerFile.Protect(file);
            }

            OwnerFile.Touch(path);

            // Full: a commit returns once it is on disk.
            connection = Connect(
                path,
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8192; PRAGMA wal_autocheckpoint=4000; "
                    + "PRAGMA journal_size_limit=67108864;");
            MakeOrCheckSchema(connection);
            return new SqliteJournalFile(connection, exclusive);
        }
        catch
        {
            connection?.Dispose();
            exclusive.Dispose();
            throw;
        }
    }

    /// <summary>A connection to a journal's file.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteConnection Connect(string path, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            Execute(connection, pragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Execute(string sql) => Execute(_connection, sql);

    /// <summary>A query; the caller disposes it.</summary>
    public SqliteStatement Query(string sql) => new(_connection.Handle!, sql);

    /// <summary>Writes the changes in one transaction; on return they are on disk, on an exception none of them is.</summary>
    public void Write(List<JournalChange> list)
    {
        var changes = CollectionsMarshal.AsSpan(list);
        _batch.Sum(changes);
        _locked = default;
        RollBack();
        Execute("BEGIN IMMEDIATE");
        try
        {
            foreach (var (store, number) in _batch.Numbers)
            {
                _setStore.Bind(store.Id).Bind(store.Path).Bind(number).Run();
            }

            foreach (ref readonly var change in changes)
            {
                Write(change);
            }

            FlushLocked();
            foreach (var (first, last) in _batch.RemovedRows())
            {
                _removeMessages.Bind(first).Bind(last).Run();
            }

            foreach (var (first, last) in _batch.RemovedContents())
            {
                _removeContents.Bind(first).Bind(last).Run();
            }

            Execute("COMMIT");
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    public void Dispose()
    {
        _statements.ForEach(statement => statement.Dispose());
        _connection.Dispose();
        _lock.Dispose();
    }

    // One process at a time. The lock goes with the process, whatever ends it.
    private static FileStream Lock(string path)
    {
        try
        {
            return OwnerFile.OpenExclusive(path + ".lock");
        }
        catch (IOException exception) when (exception is not FileNotFoundException and not DirectoryNotFoundException)
        {
            throw new InvalidDataException("another process uses it", exception);
        }
    }

    private static void MakeOrCheckSchema(SqliteConnection connection)
    {
        var (application, version) = (Scalar(connection, "PRAGMA application_id"), Scalar(connection, "PRAGMA user_version"));
        if ((application, version) == (ApplicationId, SchemaVersion)) return;
        if (application == 0 && version == 0 && Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            Execute(connection, string.Create(
                CultureInfo.InvariantCulture,
                $"BEGIN IMMEDIATE; {Schema} PRAGMA application_id={ApplicationId}; PRAGMA user_version={SchemaVersion}; COMMIT;"));
            return;
        }

        throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture,
            $"expected a journal of schema {SchemaVersion} (application id {ApplicationId}), got schema {version} (application id "
                + $"{application})"));
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var rows = new SqliteStatement(connection.Handle!, sql);
        rows.Read();
        return rows.Integer(0);
    }

    private static void Execute(SqliteConnection connection, string sql) =>
        SqliteFault.ThrowUnless(raw.SQLITE_OK, raw.sqlite3_exec(connection.Handle, sql), connection.Handle!);

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
        if (change.Kind != JournalRecordKind.Locked) FlushLocked();
        switch (change.Kind)
        {
            case JournalRecordKind.Added: Add(change); break;
            case JournalRecordKind.Changed when !_batch.IsRemoved(change.Key): Change(change); break;
            case JournalRecordKind.Locked when !_batch.IsRemoved(change.Key): NoteLocked(change.Key, change.IsLocked); break;
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
        var (entry, content) = (change.Entry!, change.Content!);
        if (change.WithContent && !_batch.IsContentRemoved(entry.ContentKey))
        {
            _addContent.Bind(entry.ContentKey).Bind(ContentFormat.Write(content, withBody: true, ref _buffer)).Run();
        }

        if (_batch.IsRemoved(change.Key)) return;
        var isScheduled = change.State == StoredState.Scheduled;
        _addMessage.Bind(change.Key).Bind(entry.ContentKey).Bind((long)change.State).Bind(change.DeliveryCount).Bind(change.IsLocked)
            .Bind(entry.EnqueueSequenceNumber)
                .Bind(entry.EnqueuedTime)
                .Bind(Ticks(change.ExpiresAt))
                .Bind(isScheduled ? content.ScheduledEnqueueTime?.UtcTicks : null)
            .Bind(change.Size)
                .Bind(content.SessionId)
                .Bind(entry.DeadLetterSource)
                .BindOrNull(change.IsRewritten ? ContentFormat.Write(content, withBody: false, ref _buffer) : default)
            .Run();
    }

    private void Change(in JournalChange change)
    {
        if (change is { IsRewritten: true, Content: { } content })
        {
            _rewriteMessage.Bind((long)change.State)
                .Bind(change.DeliveryCount)
                .Bind(change.IsLocked)
                .Bind(Ticks(change.ExpiresAt))
                .Bind(change.Size)
                .Bind(ContentFormat.Write(content, withBody: false, ref _buffer)).Bind(change.Key).Run();
            return;
        }

        _changeMessage.Bind((long)change.State)
            .Bind(change.DeliveryCount)
            .Bind(change.IsLocked)
            .Bind(Ticks(change.ExpiresAt))
            .Bind(change.Key)
            .Run();
    }

    /// <summary>Messages are locked in the order they came, many at once: rows in a row are one statement.</summary>
    private void NoteLocked(long key, bool isLocked)
    {
        if (_locked.Last == key - 1 && _locked.IsLocked == isLocked)
        {
            _locked.Last = key;
            return;
        }

        FlushLocked();
        _locked = (key, key, isLocked);
    }

    private void FlushLocked()
    {
        if (_locked.First == 0) return;
        _lockMessages.Bind(_locked.IsLocked).Bind(_locked.First).Bind(_locked.Last).Run();
        _locked = default;
    }

    private static long? Ticks(DateTimeOffset time) => time == DateTimeOffset.MaxValue ? null : time.UtcTicks;
}
