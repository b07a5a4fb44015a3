using Relay.Core.Ledger.Store;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>What one call to the store is to suffer.</summary>
internal enum StoreFault
{
    None,

    /// <summary>Not done, and said so.</summary>
    Refused,

    /// <summary>Done, and reported as failed.</summary>
    DoneButFailed,

    /// <summary>A created blob is left torn; a call that cannot tear is refused.</summary>
    Torn,

    /// <summary>No answer before the deadline; done when <see cref="FaultStore.LandAsync"/> is called.</summary>
    Late,
}

/// <summary>A store whose calls fail as a test says, counted from 0.</summary>
internal sealed class FaultStore(ILedgerStore store, ManualTimeProvider time) : ILedgerStore
{
    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly List<Func<Task>> _late = [];

    public Func<int, string, string, StoreFault> Next { get; set; } = (_, _, _) => StoreFault.None;

    public int Calls { get; private set; }

    /// <summary>Lets one call fail; -1 for none.</summary>
    /// <returns>Tells which call that was; "none" until then.</returns>
    public Func<string> FailOnce(int failing, StoreFault fault)
    {
        var what = "none";
        Next = (call, verb, name) =>
        {
            if (call != failing) return StoreFault.None;
            what = $"{fault} at call {call}: {verb} {name}";
            return fault;
        };
        return () => what;
    }

    public List<string> Log { get; } = [];

    /// <summary>Lets the late calls be done now.</summary>
    public async Task LandAsync()
    {
        List<Func<Task>> late;
        lock (_gate)
        {
            late = [.. _late];
            _late.Clear();
        }

        foreach (var call in late) await call();
    }

    public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken) =>
        RunAsync("get", name, () => store.GetAsync(name, CancellationToken.None), null);

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Action? tear = name.EndsWith("/head", StringComparison.Ordinal)
            || store is not MemoryLedgerStore memory
            || memory.Find(name) is not null
            ? null
            : () => memory.Set(name, content[..(content.Length / 2)], intact: false);
        return RunAsync("create", name, () => store.PutIfAbsentAsync(name, content, CancellationToken.None), tear);
    }

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken) =>
        RunAsync("replace", name, () => store.PutIfMatchAsync(name, content, etag, CancellationToken.None), null);

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) =>
        store.ListAsync(prefix, cancellationToken);

    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => await RunAsync(
        "delete",
        name,
        async () =>
        {
            await store.DeleteAsync(name, CancellationToken.None);
            return true;
        },
        null);

    private async ValueTask<T> RunAsync<T>(string verb, string name, Func<ValueTask<T>> call, Action? tear)
    {
        StoreFault fault;
        lock (_gate)
        {
            fault = Next(Calls++, verb, name);
            Log.Add($"{verb} {name}: {fault}");
            if (fault == StoreFault.Late) _late.Add(async () => await call());
        }

        switch (fault)
        {
            case StoreFault.None:
                return await call();
            case StoreFault.Refused:
                throw new LedgerStoreException("refused");
            case StoreFault.DoneButFailed:
                await call();
                throw new LedgerStoreException("done, reported as failed");
            case StoreFault.Torn:
                tear?.Invoke();
                throw new LedgerStoreException("torn");
            case StoreFault.Late:
                time.Advance(TimeSpan.FromSeconds(1));
                throw new LedgerStoreException("no answer");
            default:
                throw new InvalidOperationException($"{fault}");
        }
    }
}
