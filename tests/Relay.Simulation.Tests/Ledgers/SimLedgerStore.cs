using System.Runtime.CompilerServices;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Store;
using Relay.Simulation.Tests.Kernel;
using Relay.Simulation.Tests.Rare;

namespace Relay.Simulation.Tests.Ledgers;

/// <summary>The store as one worker reaches it: over calls that may be refused, torn, done and reported failed, or slow.</summary>
internal sealed class SimLedgerStore(SimStore store, SimCalls calls, StoreTrail trail, SimKernel kernel, ServiceClock clock) : ILedgerStore
{
    public async ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        var blob = await calls.CallAsync(
            "get",
            _ =>
            {
                var there = store.Get(name);
                trail.OnRead(name, there);
                return there;
            },
            Failed,
            cancellationToken).ConfigureAwait(false);
        clock.Observe(kernel.Now);
        return blob is null ? null : new StoredBlob(blob.Content, blob.Version, blob.Intact);
    }

    public async ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var bytes = content.ToArray();
        // The stores promise that a head comes into being whole or not at all; anything else may tear.
        var mayTear = !name.EndsWith("/head", StringComparison.Ordinal);
        var sentAt = kernel.Now;
        var version = await calls.CallAsync(
            "put",
            torn =>
            {
                if (torn && !mayTear) return null;
                var isBegun = store.Get($"{name.Split('/')[0]}/head") is not null;
                var stored = store.PutIfAbsent(name, bytes, torn);
                trail.OnPut(name, stored is not null, torn, sentAt, isBegun, bytes);
                return stored;
            },
            Failed,
            cancellationToken).ConfigureAwait(false);
        clock.Observe(kernel.Now);
        return new PutResult(version is not null, version);
    }

    public async ValueTask<PutResult> PutIfMatchAsync(
        string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken)
    {
        var bytes = content.ToArray();
        // Replacing is all or nothing: torn means nothing here.
        var sentAt = kernel.Now;
        var version = await calls.CallAsync(
            "put",
            torn =>
            {
                if (torn) return null;
                var stored = store.PutIfMatch(name, bytes, etag);
                trail.OnPut(name, stored is not null, torn: false, sentAt, isBegun: true, bytes);
                return stored;
            },
            Failed,
            cancellationToken).ConfigureAwait(false);
        clock.Observe(kernel.Now);
        return new PutResult(version is not null, version);
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var name in await calls.CallAsync("list", _ => store.List(prefix), Failed, cancellationToken).ConfigureAwait(false))
        {
            yield return name;
        }
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
        await calls.CallAsync(
            "delete",
            _ =>
            {
                store.Delete(name);
                trail.OnDelete();
                return true;
            },
            Failed,
            cancellationToken).ConfigureAwait(false);

    private static LedgerStoreException Failed() => new("simulated failure");
}
