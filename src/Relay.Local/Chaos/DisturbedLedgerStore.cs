using System.Runtime.CompilerServices;
using Relay.Core.Health;
using Relay.Core.Ledger.Store;

namespace Relay.Local.Chaos;

/// <summary>A ledger store that suffers what the board says.</summary>
internal sealed class DisturbedLedgerStore(ILedgerStore store, ChaosBoard board) : ILedgerStore
{
    private readonly CallDisturbance _calls = new(board, Dependency.Ledger);

    public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken) =>
        RunAsync(name, () => store.GetAsync(name, cancellationToken), cancellationToken);

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        RunAsync(name, () => store.PutIfAbsentAsync(name, content, cancellationToken), cancellationToken);

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken) =>
        RunAsync(name, () => store.PutIfMatchAsync(name, content, etag, cancellationToken), cancellationToken);

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await RunAsync(prefix, () => ValueTask.FromResult(true), cancellationToken).ConfigureAwait(false);
        await foreach (var name in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false)) yield return name;
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => await RunAsync(
        name,
        async () =>
        {
            await store.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken).ConfigureAwait(false);

    private ValueTask<T> RunAsync<T>(string name, Func<ValueTask<T>> call, CancellationToken cancellationToken) =>
        _calls.RunAsync(call, why => throw new LedgerStoreException($"{name}: {why}, by the chaos of this local stack"), cancellationToken);
}
