using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Emulator.ServiceBus.Journal;

/// <summary>Turns SQLite result codes into exceptions.</summary>
internal static class SqliteFault
{
    public static void ThrowUnless(int expected, int code, sqlite3 database)
    {
        if (code != expected)
        {
            throw new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), code, raw.sqlite3_extended_errcode(database));
        }
    }
}
