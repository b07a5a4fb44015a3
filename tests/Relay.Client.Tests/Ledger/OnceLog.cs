using System.Collections.Immutable;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Ledger;

/// <summary>A log that shows each of its tiles once, and then says that there is none.</summary>
internal sealed class OnceLog(ILedgerLog log) : ILedgerLog
{
    private readonly HashSet<string> _shown = [];

    public ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken) =>
        log.FindCheckpointAsync(cancellationToken);

    public ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken) =>
        log.FindConsistencyAsync(from, to, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) =>
        log.FindReceiptAsync(id, cancellationToken);

    public async ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken) =>
        _shown.Add(tile.Path) ? await log.FindTileAsync(tile, cancellationToken) : null;
}
