using System.Runtime.CompilerServices;

namespace Relay.Core.Ledger.Store;

/// <summary>
/// A store each of whose calls ends in time: one that does not answer fails, and what it was asked may still be done later.
/// </summary>
/// <remarks>A call that does not heed its token is left to itself; it holds nothing but memory.</remarks>
internal sealed class DeadlineStore(ILedgerStore store, TimeSpan timeout, TimeProvider time) : ILedgerStore
{
    public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken) =>
        RunAsync(token => store.GetAsync(name, token), "read", name, cancellationToken);

    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        RunAsync(token => store.PutIfAbsentAsync(name, content, token), "create", name, cancellationToken);

    public ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken) =>
        RunAsync(token => store.PutIfMatchAsync(name, content, etag, token), "replace", name, cancellationToken);

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var name in await RunAsync(token => CollectAsync(prefix, token), "list", prefix, cancellationToken).ConfigureAwait(false))
        {
            yield return name;
        }
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
        await RunAsync(
            async token =>
            {
                await store.DeleteAsync(name, token).ConfigureAwait(false);
                return true;
            },
            "delete",
            name,
            cancellationToken).ConfigureAwait(false);

    // As a whole, because an enumerator that is left to itself must not be disposed while it moves.
    private async ValueTask<List<string>> CollectAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var name in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            names.Add(name);
        }

        return names;
    }

    private async ValueTask<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> call, string verb, string name, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var answer = call(linked.Token);
            return answer.IsCompletedSuccessfully ? answer.Result : await answer.AsTask().WaitAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LedgerStoreException($"expected an answer within {timeout} to {verb} '{name}', got none", e);
        }
    }
}
