using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Emulator.Hosting;
using Emulator.ServiceBus.Messages;
using SQLitePCL;

namespace Emulator.ServiceBus.Journal;

/// <summary>
/// A journal in a SQLite file. One thread writes: whatever was appended while one transaction went to disk makes up the next (group
/// commit). A batch that cannot be written is kept and tried again, with those whose answers waited for it told that it failed.
/// </summary>
internal sealed class SqliteJournal : IMessageJournal, IAsyncDisposable
{
    // Changes not yet stored that stop deliveries: a few transactions' worth, so that the writer never idles for it.
    private const int MaxWaitingChanges = 8_192;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly string _path;
    private readonly SqliteJournalFile _file;
    private readonly SqliteContentReader _reader;
    private readonly ILogger _logger;
    private readonly AutoResetEvent _work = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Taken around each use of the file once the writer runs.
    private readonly Lock _fileGate = new();

    // Guards everything below, StoredContent, and what entries hold for the journal.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, JournalStore> _stores = new(StringComparer.OrdinalIgnoreCase);
    private List<JournalChange> _changes = [];
    private readonly Queue<(long Position, Action<bool> Callback)> _waiting = [];
    private readonly ContentReferences _references = new();
    private readonly List<Action> _waitingForRoom = [];

    // Contents that only wait here, for entries that gave them up.
    private readonly Dictionary<MessageEntry, MessageContent> _pending = [];
    private long _lastStore;
    private int _waitingChanges;
    private long _appended;
    private long _failed;
    private bool _closing;
    private bool _started;

    private long _stored;
    private volatile bool _isFailing;

    private SqliteJournal(string path, SqliteJournalFile file, SqliteContentReader reader, ContentWindow window, ILogger logger)
    {
        _path = path;
        _file = file;
        _reader = reader;
        _logger = logger;
        Window = window;
    }

    public bool IsFailing => _isFailing;

    public ContentWindow Window { get; }

    /// <summary>
    /// Opens or makes the journal of a folder and reads it back. Appends are accepted at once, and written from <see cref="Start"/> on.
    /// </summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="reader">Makes what takes the contents, told how entities are defined by path; it may append.</param>
    /// <param name="window">What of the contents stays in memory besides.</param>
    /// <param name="logger">Where trouble is logged.</param>
    /// <exception cref="InvalidDataException">The file cannot be used; the message names it and says why.</exception>
    public static SqliteJournal Open(
        string folder,
        Func<SqliteJournal, IReadOnlyDictionary<string, byte[]>, IJournalReader> reader,
        ContentWindow window,
        ILogger logger)
    {
        var path = Path.Combine(Path.GetFullPath(folder), SqliteJournalFile.FileName);
        SqliteJournalFile? file = null;
        SqliteContentReader? contents = null;
        try
        {
            OwnerFile.CreateFolder(folder);
            file = SqliteJournalFile.Open(path);
            contents = SqliteContentReader.Open(path);
            var journal = new SqliteJournal(path, file, contents, window, logger);
            journal._lastStore = SqliteRecovery.Read(
                file, journal._stores, journal._references, reader(journal, SqliteRecovery.ReadDefinitions(file)));
            return journal;
        }
        catch (Exception exception) when (
            exception is SqliteException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            contents?.Dispose();
            file?.Dispose();
            var reason = exception is SqliteException { SqliteErrorCode: raw.SQLITE_BUSY } ? "another process uses it" : exception.Message;
            throw new InvalidDataException(
                $"The broker's journal '{path}' cannot be used: {reason}. Move the file away to start with empty entities.", exception);
        }
    }

    /// <summary>Starts to write.</summary>
    public void Start()
    {
        _started = true;
        new Thread(Write) { IsBackground = true, Name = "Service Bus journal" }.Start();
    }

    public long Append(ReadOnlySpan<JournalRecord> records)
    {
        lock (_gate)
        {
            _appended++;
            if (_closing) return _appended;

            // References first: a message moved to another store keeps its content.
            foreach (var record in records)
            {
                if (record.Kind == JournalRecordKind.Added) Refer(record.Entry!, StoreOf(record.Store));
            }

            foreach (var record in records)
            {
                _changes.Add(JournalChange.Of(record, StoreOf(record.Store), Prepare(record)));
                if (record.Kind == JournalRecordKind.StoreDeleted) _stores.Remove(record.Store);
            }

            if (_changes.Count == records.Length) _work.Set();
            Volatile.Write(ref _waitingChanges, _waitingChanges + records.Length);
            return _appended;
        }
    }

    public bool HasRoom(Action resume)
    {
        if (Volatile.Read(ref _waitingChanges) < MaxWaitingChanges || _isFailing) return true;
        lock (_gate)
        {
            if (_waitingChanges < MaxWaitingChanges || _isFailing || _closing) return true;
            _waitingForRoom.Add(resume);
            return false;
        }
    }

    public void Load(string store, ReadOnlySpan<MessageSnapshot> messages)
    {
        JournalStore? known;
        var missing = false;
        lock (_gate)
        {
            foreach (var message in messages)
            {
                if (message.IsLoaded) continue;
                if (_pending.TryGetValue(message.Entry, out var content)) message.Content = content;
                else missing = true;
            }

            _stores.TryGetValue(store, out known);
        }

        // What was not waiting any more is in the file by now, or gone.
        if (!missing || known is null) return;
        try
        {
            _reader.Read(known, messages);
        }
        catch (JournalReadException exception)
        {
            JournalLog.Unreadable(_logger, exception, store, _path);
            throw;
        }
    }

    public bool IsStored(long position) => position <= Volatile.Read(ref _stored);

    public void WhenStored(long position, Action<bool> callback)
    {
        bool stored;
        lock (_gate)
        {
            stored = position <= _stored;
            if (!stored && !_closing && position > _failed)
            {
                _waiting.Enqueue((position, callback));
                return;
            }
        }

        callback(stored);
    }

    /// <summary>Runs SQL between two batches, for tests that make the file fail.</summary>
    internal void Execute(string sql)
    {
        lock (_fileGate)
        {
            _file.Execute(sql);
        }
    }

    /// <summary>Writes what was appended, if it can be written, and closes the file. Later appends are never stored.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closing) return;
            _closing = true;
        }

        _work.Set();
        if (_started) await _ended.Task.ConfigureAwait(false);
        _reader.Dispose();
        _file.Dispose();
        _work.Dispose();
    }

    /// <summary>What was written can be read back. Gate held.</summary>
    private void Release(List<JournalChange> batch)
    {
        foreach (ref readonly var change in CollectionsMarshal.AsSpan(batch))
        {
            // A later version may have taken its place.
            if (change is { Entry: { } entry, Content: { } content }
                && _pending.TryGetValue(entry, out var waiting)
                && ReferenceEquals(waiting, content))
            {
                _pending.Remove(entry);
            }
        }
    }

    private JournalStore StoreOf(string path)
    {
        if (_stores.TryGetValue(path, out var store)) return store;
        store = new JournalStore(++_lastStore, path);
        _stores.Add(path, store);
        return store;
    }

    private void Refer(MessageEntry entry, JournalStore store)
    {
        var stored = entry.Content!.Stored;
        if (stored.Key == 0)
        {
            stored.Key = store.KeyOf(entry.SequenceNumber);
            stored.Origin = entry.Content;
            entry.IsContentOwner = true;
        }
        else
        {
            _references.Add(stored.Key);
        }

        entry.ContentKey = stored.Key;
    }

    /// <returns>Whether the content's row comes or goes with the record.</returns>
    private bool Prepare(in JournalRecord record)
    {
        if (record.Entry is not { } entry) return false;
        switch (record.Kind)
        {
            case JournalRecordKind.Added or JournalRecordKind.Changed:
                if (entry.Content is not { } content) return false;
                entry.IsRewritten = !ContentFormat.IsSameHead(content, content.Stored.Origin!);
                if (entry.IsCold) _pending[entry] = content;
                return record.Kind == JournalRecordKind.Added && entry.IsContentOwner;
            case JournalRecordKind.Removed:
                return _references.Release(entry.ContentKey);
            default:
                return false;
        }
    }

    private void Write()
    {
        var batch = new List<JournalChange>();
        while (true)
        {
            var wasFailing = _isFailing;
            if (wasFailing) _work.WaitOne(RetryDelay);
            long position;
            bool closing;
            lock (_gate)
            {
                if (batch.Count == 0) (batch, _changes) = (_changes, batch);
                else
                {
                    batch.AddRange(_changes);
                    _changes.Clear();
                }

                position = _appended;
                closing = _closing;
            }

            if (batch.Count == 0 && position == _stored)
            {
                if (closing) break;
                _work.WaitOne();
                continue;
            }

            var stored = TryWrite(batch);
            Answer(position, stored, batch);
            if (stored) batch.Clear();
            if (!stored && closing) break;
        }

        Answer(long.MaxValue, false, []);
        _ended.SetResult();
    }

    private bool TryWrite(List<JournalChange> batch)
    {
        try
        {
            lock (_fileGate)
            {
                _file.Write(batch);
            }

            if (_isFailing) JournalLog.Recovered(_logger, _path);
            _isFailing = false;
            return true;
        }
        catch (SqliteException exception)
        {
            if (!_isFailing)
            {
                JournalLog.Failed(
                    _logger,
                    _path,
                    string.Create(CultureInfo.InvariantCulture, $"{exception.Message} ({exception.SqliteExtendedErrorCode})"));
            }
            _isFailing = true;
            return false;
        }
    }

    private void Answer(long position, bool stored, List<JournalChange> batch)
    {
        var answers = new List<Action<bool>>();
        Action[] resumed = [];
        lock (_gate)
        {
            if (stored)
            {
                Volatile.Write(ref _stored, position);
                Volatile.Write(ref _waitingChanges, _waitingChanges - batch.Count);
            }
            else
            {
                _failed = position;
            }

            if (_waitingForRoom.Count > 0 && (!stored || _waitingChanges < MaxWaitingChanges))
            {
                resumed = [.. _waitingForRoom];
                _waitingForRoom.Clear();
            }

            if (stored && _pending.Count > 0) Release(batch);
            while (_waiting.TryPeek(out var next) && next.Position <= position)
            {
                answers.Add(_waiting.Dequeue().Callback);
            }
        }

        foreach (var resume in resumed)
        {
            resume();
        }

        // Elsewhere, so that the next batch is on its way while clients are told of this one.
        if (answers.Count == 0) return;
        ThreadPool.UnsafeQueueUserWorkItem(
            static state =>
            {
                foreach (var answer in state.Answers)
                {
                    answer(state.Stored);
                }
            },
            (Answers: answers, Stored: stored),
            preferLocal: false);
    }
}
