using System.Globalization;
using Emulator.ServiceBus.Messages;
using Microsoft.Data.Sqlite;

namespace Emulator.ServiceBus.Journal;

/// <summary>Reads contents back while the writer writes, on a connection of its own. Thread-safe.</summary>
internal sealed class SqliteContentReader : IDisposable
{
    // Rows of others that are stepped over rather than sought around.
    private const int MaxGap = 8;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _range;
    private readonly SqliteStatement _head;

    // Guards the connection and its statements.
    private readonly Lock _gate = new();
    private bool _disposed;

    private SqliteContentReader(SqliteConnection connection)
    {
        _connection = connection;
        _range = new SqliteStatement(connection.Handle!, "SELECT id, bytes FROM content WHERE id BETWEEN ? AND ?");
        _head = new SqliteStatement(connection.Handle!, "SELECT head FROM message WHERE id=?");
    }

    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static SqliteContentReader Open(string path)
    {
        var connection = SqliteJournalFile.Connect(path, "PRAGMA query_only=1; PRAGMA busy_timeout=5000; PRAGMA cache_size=-1024;");
        try
        {
            return new SqliteContentReader(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Loads those that are not loaded; those that are no longer there are left.</summary>
    /// <param name="store">Their store.</param>
    /// <param name="messages">Quickest in ascending order.</param>
    /// <exception cref="JournalReadException">The file cannot be read.</exception>
    public void Read(JournalStore store, ReadOnlySpan<MessageSnapshot> messages)
    {
        lock (_gate)
        {
            if (_disposed) throw new JournalReadException("The journal is closed.");
            try
            {
                for (var first = 0; first < messages.Length;)
                {
                    first += messages[first].IsLoaded ? 1 : ReadRun(store, messages[first..]);
                }
            }
            catch (SqliteException exception)
            {
                throw new JournalReadException($"The journal cannot be read: {exception.Message}", exception);
            }
            finally
            {
                _range.Reset();
                _head.Reset();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _range.Dispose();
            _head.Dispose();
            _connection.Dispose();
        }
    }

    /// <returns>How many messages the run had: those whose contents lie close together, in order.</returns>
    private int ReadRun(JournalStore store, ReadOnlySpan<MessageSnapshot> messages)
    {
        var length = 1;
        while (length < messages.Length
            && !messages[length].IsLoaded
            && messages[length].Entry.ContentKey - messages[length - 1].Entry.ContentKey is > 0 and <= MaxGap)
        {
            length++;
        }

        _range.Bind(messages[0].Entry.ContentKey).Bind(messages[length - 1].Entry.ContentKey);
        var next = 0;
        while (_range.Read())
        {
            var key = _range.Integer(0);
            while (next < length && messages[next].Entry.ContentKey < key)
            {
                next++;
            }

            if (next < length && messages[next].Entry.ContentKey == key) Fill(store, messages[next], key);
        }

        _range.Reset();
        return length;
    }

    private void Fill(JournalStore store, MessageSnapshot message, long key)
    {
        var stored = new StoredContent { Key = key };
        stored.Origin = ContentFormat.Read(_range.Bytes(1), stored) ?? throw Malformed(key);
        if (!message.Entry.IsRewritten)
        {
            message.Content = stored.Origin;
            return;
        }

        _head.Bind(store.KeyOf(message.SequenceNumber));
        if (_head.Read() && !_head.IsNull(0))
        {
            message.Content = (ContentFormat.Read(_head.Bytes(0), stored) ?? throw Malformed(key)) with { Body = stored.Origin.Body };
        }

        _head.Reset();
    }

    private static JournalReadException Malformed(long key) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The journal's content {key} is not laid out as expected."));
}
