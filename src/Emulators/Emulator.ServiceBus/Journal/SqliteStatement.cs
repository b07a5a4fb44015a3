using SQLitePCL;

namespace Emulator.ServiceBus.Journal;

/// <summary>A prepared statement, bound by position without boxing or copies. Not thread-safe.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private int _next;

    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        SqliteFault.ThrowUnless(raw.SQLITE_OK, raw.sqlite3_prepare_v2(database, sql, out _statement), database);
    }

    public SqliteStatement Bind(long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, ++_next, value));
        return this;
    }

    public SqliteStatement Bind(bool value) => Bind(value ? 1 : 0);

    public SqliteStatement Bind(DateTimeOffset value) => Bind(value.UtcTicks);

    public SqliteStatement Bind(long? value)
    {
        if (value is { } number) return Bind(number);
        Check(raw.sqlite3_bind_null(_statement, ++_next));
        return this;
    }

    public SqliteStatement Bind(string? value)
    {
        Check(value is null ? raw.sqlite3_bind_null(_statement, ++_next) : raw.sqlite3_bind_text(_statement, ++_next, value));
        return this;
    }

    public SqliteStatement Bind(ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, ++_next, 0) : raw.sqlite3_bind_blob(_statement, ++_next, value));
        return this;
    }

    /// <summary>As <see cref="Bind(ReadOnlySpan{byte})"/>, with null for an empty one.</summary>
    public SqliteStatement BindOrNull(ReadOnlySpan<byte> value) => value.IsEmpty ? Bind((long?)null) : Bind(value);

    /// <summary>Runs a statement that gives no rows, and makes it ready for the next binding.</summary>
    public void Run()
    {
        _next = 0;
        var code = raw.sqlite3_step(_statement);
        raw.sqlite3_reset(_statement);
        SqliteFault.ThrowUnless(raw.SQLITE_DONE, code, _database);
    }

    /// <summary>Steps to the next row of a query.</summary>
    public bool Read()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_DONE) return false;
        SqliteFault.ThrowUnless(raw.SQLITE_ROW, code, _database);
        return true;
    }

    /// <summary>Ends a query, and makes it ready for the next binding.</summary>
    public void Reset()
    {
        _next = 0;
        raw.sqlite3_reset(_statement);
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(_statement, column);

    public DateTimeOffset Time(int column) => new(Integer(column), TimeSpan.Zero);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK) _next = 0;
        SqliteFault.ThrowUnless(raw.SQLITE_OK, code, _database);
    }
}
