using System.Collections.Immutable;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Simulation.Tests.Judging;

/// <summary>A negotiation's ledger as the relay shows it to readers, over a network that may fail.</summary>
internal sealed class SimLog(string negotiation, FinalLedger ledger, Func<bool> fails) : ILedgerLog
{
    public ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken) => new(ledger.Signed);

    public ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken)
    {
        Answer();
        return new(MerkleProof.TryBuildConsistency(ledger.Tree, from, to, out var proof) ? proof : null);
    }

    public ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) =>
        new((ReadOnlyMemory<byte>?)null);

    public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken) =>
        new(ledger.Read($"{negotiation}/{tile.Path}") is { } bytes ? bytes : (ReadOnlyMemory<byte>?)null);

    private void Answer()
    {
        if (fails()) throw new LedgerLogException("simulated failure") { IsNotNow = true };
    }
}
