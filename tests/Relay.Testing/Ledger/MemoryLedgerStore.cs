using System.Globalization;
using System.Runtime.CompilerServices;
using Relay.Core.Ledger.Store;

namespace Relay.Testing.Ledger;

/// <summary>
/// Ledger blobs in memory. Every call completes synchronously and ETags count up, so
/// that a simulation over it is deterministic; what a crash does is for the test to
/// arrange (<see cref="Set"/>).
/// </summary>
/// <remarks>Thread-safe. Contents are copied on the way in; callers must not write to what they read.</remarks>
public sealed class MemoryLedgerStore : ILedgerStore
{
    // Guards _blobs and _counter; no await happens inside.
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, StoredBlob> _blobs = new(StringComparer.Ordinal);
    private long _counter;
    private int _reads;

    /// <summary>Blobs asked for so far.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Names of all blobs, ordinal order.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _blobs.Keys];
            }
        }
    }

    /// <summary>The blob, or null: <see cref="GetAsync"/> for assertions.</summary>
    public StoredBlob? Find(string name)
    {
        lock (_gate)
        {
            return _blobs.GetValueOrDefault(name);
        }
    }

    /// <summary>
    /// Puts bytes under a name whatever was there, damaged ones too: what a crash, a bad disk or somebody with access does. Null removes.
    /// </summary>
    public void Set(string name, ReadOnlyMemory<byte>? content, bool intact = true)
    {
        lock (_gate)
        {
            if (content is { } bytes) Put(name, bytes, intact);
            else _blobs.Remove(name);
        }
    }

    /// <summary>A copy that goes its own way from here.</summary>
    public MemoryLedgerStore Clone()
    {
        var copy = new MemoryLedgerStore();
        lock (_gate)
        {
            foreach (var (name, blob) in _blobs) copy._blobs.Add(name, blob);
            copy._counter = _counter;
        }

        return copy;
    }

    /// <inheritdoc/>
    public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        LedgerBlobName.ThrowIfInvalid(name);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<StoredBlob?>(cancellationToken)
            : ValueTask.FromResult(Find(name));
    }

    /// <inheritdoc/>
    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        LedgerBlobName.ThrowIfInvalid(name);
        LedgerBlobName.ThrowIfTooLong(content);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<PutResult>(cancellationToken);
        lock (_gate)
        {
            return ValueTask.FromResult(_blobs.ContainsKey(name) ? default : Put(name, content, intact: true));
        }
    }

    /// <inheritdoc/>
    public ValueTask<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken)
    {
        LedgerBlobName.ThrowIfInvalid(name);
        LedgerBlobName.ThrowIfTooLong(content);
        ArgumentException.ThrowIfNullOrEmpty(etag);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<PutResult>(cancellationToken);
        lock (_gate)
        {
            return ValueTask.FromResult(
                _blobs.TryGetValue(name, out var blob) && blob.ETag == etag ? Put(name, content, intact: true) : default);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        LedgerBlobName.ThrowIfInvalidPrefix(prefix);
        string[] names;
        lock (_gate)
        {
            names = [.. _blobs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
        }

        return Enumerate(names, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        LedgerBlobName.ThrowIfInvalid(name);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        Set(name, null);
        return ValueTask.CompletedTask;
    }

    private static async IAsyncEnumerable<string> Enumerate(string[] names, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return name;
        }
    }

    // Called under the gate.
    private PutResult Put(string name, ReadOnlyMemory<byte> content, bool intact)
    {
        var etag = (++_counter).ToString(CultureInfo.InvariantCulture);
        _blobs[name] = new StoredBlob(content.ToArray(), etag, intact);
        return new PutResult(Stored: true, etag);
    }
}
