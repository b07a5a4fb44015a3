using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;

namespace Relay.Testing.Ledger;

/// <summary>A ledger's blobs as its head has them, staged or published, read without the relay's own reader. Verifies nothing.</summary>
/// <param name="store">Where it is.</param>
/// <param name="head">The head.</param>
public sealed class LedgerAtHead(ILedgerStore store, LedgerHead head)
{
    /// <summary>The head.</summary>
    public LedgerHead Head => head;

    /// <summary>The head as it is now.</summary>
    public static async Task<LedgerAtHead> ReadAsync(ILedgerStore store, string negotiation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var blob = await store.GetAsync(LedgerPaths.Head(negotiation), cancellationToken);
        Assert.NotNull(blob);
        Assert.True(HeadCodec.TryRead(blob.Content, out var head, out _, out var error), error);
        return new LedgerAtHead(store, head);
    }

    /// <summary>A blob by its whole name; null when it is not there.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var put = head.Staged?.Puts.FirstOrDefault(put => put.Name == name);
        if (put is { After: null }) return put.Content;
        var start = await store.GetAsync(put?.After?.Name ?? name, cancellationToken);
        if (put is null || start is null) return start?.Content;
        return (byte[])[.. start.Content.Span, .. put.Content.Span];
    }
}
