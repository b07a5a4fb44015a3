using System.Runtime.CompilerServices;
using Relay.Core.Ledger.Storage;

namespace Relay.Testing.Ledger;

/// <summary>A store whose calls fail as the caller's function chooses. Adds no thread and no clock: over a deterministic store and a deterministic choice it is deterministic.</summary>
/// <param name="store">Where calls land.</param>
/// <param name="choose">Asked once a call, in the order of the calls.</param>
public sealed class FaultyLedgerStore(MemoryLedgerStore store, Func<StoreCall, StoreFault> choose) : ILedgerStore
{
    // Guards _late; no await happens inside.
    private readonly Lock _gate = new();
    private readonly Queue<Func<ValueTask>> _late = new();
    private long _calls;

    /// <summary>Calls made so far.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <inheritdoc/>
    public ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken) =>
        CallAsync(StoreCallKind.Get, name, token => store.GetAsync(name, token), null, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var bytes = content.ToArray();
        return CallAsync(StoreCallKind.PutIfAbsent, name, token => store.PutIfAbsentAsync(name, bytes, token), () => Tear(name, bytes), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken)
    {
        var bytes = content.ToArray();
        return CallAsync(StoreCallKind.PutIfMatch, name, token => store.PutIfMatchAsync(name, bytes, etag, token), null, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await CallAsync(StoreCallKind.List, prefix, _ => ValueTask.FromResult(true), null, cancellationToken).ConfigureAwait(false);
        await foreach (var name in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false)) yield return name;
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
        await CallAsync(
            StoreCallKind.Delete,
            name,
            async token =>
            {
                await store.DeleteAsync(name, token).ConfigureAwait(false);
                return true;
            },
            null,
            cancellationToken).ConfigureAwait(false);

    /// <summary>Does the oldest call that is late; false when there is none.</summary>
    public async ValueTask<bool> LandAsync()
    {
        Func<ValueTask>? call;
        lock (_gate)
        {
            _late.TryDequeue(out call);
        }

        if (call is null) return false;
        await call().ConfigureAwait(false);
        return true;
    }

    private async ValueTask<T> CallAsync<T>(StoreCallKind kind, string name, Func<CancellationToken, ValueTask<T>> call, Action? tear, CancellationToken cancellationToken)
    {
        var fault = choose(new StoreCall(Interlocked.Increment(ref _calls), kind, name));
        switch (fault)
        {
            case StoreFault.None:
                return await call(cancellationToken).ConfigureAwait(false);
            case StoreFault.Refused:
                break;
            case StoreFault.DoneButFailed:
                await call(cancellationToken).ConfigureAwait(false);
                break;
            case StoreFault.Torn:
                tear?.Invoke();
                break;
            case StoreFault.Late:
                return await LaterAsync(call, cancellationToken).ConfigureAwait(false);
        }

        throw new LedgerStoreException($"{kind} of {name}: {fault}");
    }

    private async ValueTask<T> LaterAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        // Continuations run where the call lands or is cancelled: a simulation decides on which thread that is.
        var answer = new TaskCompletionSource<T>();
        lock (_gate)
        {
            _late.Enqueue(async () =>
            {
                var result = await call(CancellationToken.None).ConfigureAwait(false);
                answer.TrySetResult(result);
            });
        }

        using var registration = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        return await answer.Task.ConfigureAwait(false);
    }

    private void Tear(string name, byte[] content)
    {
        if (store.Find(name) is null) store.Set(name, content.AsMemory(0, content.Length / 2), intact: false);
    }
}
