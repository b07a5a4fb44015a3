using Relay.Core.Ledger.Store;

namespace Relay.Benchmarks.Ledger;

/// <summary>Ledger blobs in memory, for measuring what the commit itself costs. Answers at once.</summary>
internal sealed class BenchLedgerStore : ILedgerStore
{
    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StoredBlob> _blobs = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private long _counter;

    /// <summary>Bytes of all blobs.</summary>
    public long TotalBytes
    {
        get
        {
            lock (_gate)
            {
                return _blobs.Values.Sum(blob => (long)blob.Content.Length);
            }
        }
    }

    public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_blobs.GetValueOrDefault(name));
        }
    }

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_blobs.ContainsKey(name) ? default : Put(name, content));
        }
    }

    public ValueTask<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_blobs.TryGetValue(name, out var there) && there.ETag == etag ? Put(name, content) : default);
        }
    }

    public async IAsyncEnumerable<string> ListAsync(
        string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] names;
        lock (_gate)
        {
            // As a store does that is asked for a folder: what is elsewhere costs nothing.
            names = [.. _names.GetViewBetween(prefix, prefix + char.MaxValue)];
        }

        foreach (var name in names)
        {
            yield return await ValueTask.FromResult(name);
        }
    }

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _blobs.Remove(name);
            _names.Remove(name);
        }

        return ValueTask.CompletedTask;
    }

    // Called under the gate.
    private PutResult Put(string name, ReadOnlyMemory<byte> content)
    {
        var etag = (++_counter).ToString(System.Globalization.CultureInfo.InvariantCulture);
        _blobs[name] = new StoredBlob(content.ToArray(), etag, true);
        _names.Add(name);
        return new PutResult(true, etag);
    }
}
