using System.Collections.Immutable;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Ledger;

/// <summary>A log that is out of reach.</summary>
internal sealed class DeadLog : ILedgerLog
{
    public ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken) => throw NotNow();

    public ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken) =>
        throw NotNow();

    public ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) =>
        throw NotNow();

    public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken) => throw NotNow();

    private static LedgerLogException NotNow() => new("expected a log, got none") { IsNotNow = true };
}
