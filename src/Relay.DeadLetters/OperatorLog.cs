using System.Globalization;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Text;

namespace Relay.DeadLetters;

/// <summary>
/// The operators' log: what was done with dead letters, one blob an entry, each with the hash of the one before. It is read and verified
/// whole before anything is added. Not for concurrent use by one process; of two processes that add at once one is told.
/// </summary>
internal sealed class OperatorLog
{
    private const string Folder = "operator-log/";

    private readonly ILedgerStore _store;
    private readonly List<OperatorLogEntry> _entries = [];
    private readonly List<Digest> _hashes = [];

    private OperatorLog(ILedgerStore store) => _store = store;

    /// <summary>Another of the same entries; what is added to one is not in the other.</summary>
    public OperatorLog Copy()
    {
        var copy = new OperatorLog(_store);
        copy._entries.AddRange(_entries);
        copy._hashes.AddRange(_hashes);
        return copy;
    }

    public IReadOnlyList<OperatorLogEntry> Entries => _entries;

    /// <summary>Null while there is no entry.</summary>
    public OperatorLogHead? Head => _hashes is [.., var last] ? new OperatorLogHead(_hashes.Count, last) : null;

    // What the next entry names: the hash of the last one; empty before the first.
    private string Previous => _hashes is [.., var last] ? last.ToString() : "";

    /// <summary>Reads and verifies all of it.</summary>
    /// <exception cref="OperatorLogException">An entry is missing, damaged, or not what the next one has the hash of.</exception>
    public static Task<OperatorLog> ReadAsync(ILedgerStore store, CancellationToken cancellationToken) =>
        ReadAsync(store, known: null, cancellationToken);

    /// <summary>Reads and verifies what has come since it was read before.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="known">As it was read before from there: its entries are not read again, but have to be there. Null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OperatorLogException">An entry is missing, damaged, or not what the next one has the hash of.</exception>
    public static async Task<OperatorLog> ReadAsync(ILedgerStore store, OperatorLog? known, CancellationToken cancellationToken)
    {
        var log = new OperatorLog(store);
        var index = 0;
        await foreach (var name in store.ListAsync(Folder, cancellationToken))
        {
            var expected = NameOf(index);
            if (name != expected) throw new OperatorLogException($"expected the entry {expected}, got {name}");
            if (index < known?._entries.Count)
            {
                log._entries.Add(known._entries[index]);
                log._hashes.Add(known._hashes[index++]);
                continue;
            }
            if (await store.GetAsync(name, cancellationToken) is not { Intact: true } blob
                || !OperatorLogEntry.TryParse(blob.Content.Span, out var entry))
            {
                throw new OperatorLogException($"{name}: expected an entry as it was written, got something else");
            }
            log.Take(entry, blob.Content.Span);
            index++;
        }

        if (index < known?._entries.Count) throw new OperatorLogException($"expected {known._entries.Count} entries or more, got {index}");
        return log;
    }

    /// <summary>True when <paramref name="head"/> was this log's at its size.</summary>
    public bool Continues(OperatorLogHead head) => head.Size <= _hashes.Count && _hashes[(int)head.Size - 1] == head.Hash;

    /// <summary>Adds an entry; when it returns the entry is durable.</summary>
    /// <param name="make">Makes it from its index and the hash of the one before.</param>
    /// <param name="cancellationToken">Ends the call; the entry may be there or not.</param>
    /// <exception cref="OperatorLogBusyException">Somebody else has added one meanwhile.</exception>
    public async Task AddAsync(Func<long, string, OperatorLogEntry> make, CancellationToken cancellationToken)
    {
        var entry = make(_entries.Count, Previous);
        var json = entry.ToJson();
        var put = await _store.PutIfAbsentAsync(NameOf(entry.Index), json, cancellationToken);
        if (!put.Stored)
        {
            throw new OperatorLogBusyException();
        }
        Take(entry, json);
    }

    private void Take(OperatorLogEntry entry, ReadOnlySpan<byte> json)
    {
        var name = NameOf(_entries.Count);
        if (entry.Index != _entries.Count || entry.Previous != Previous)
        {
            throw new OperatorLogException($"{name}: expected an entry that continues '{Previous}', got one of '{entry.Previous}'");
        }
        _entries.Add(entry);
        _hashes.Add(OperatorLogEntry.Hash(json));
    }

    private static string NameOf(long index) => Folder + index.ToString("D12", CultureInfo.InvariantCulture);
}
