using System.Collections.Immutable;
using System.Globalization;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;
using Relay.Simulation.Tests.Ledgers;

namespace Relay.Simulation.Tests.Judging;

/// <summary>A negotiation's published ledger as the relay shows it to readers, over a network that may fail.</summary>
internal sealed class SimLog(SimStore store, string negotiation, FinalLedger ledger, Func<bool> fails) : ILedgerLog
{
    public ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken)
    {
        var bytes = store.Get($"{negotiation}/checkpoint")!.Content;
        Assert.True(SignedNote.TryParse(bytes, out var note, out var error), error);
        var keyId = note.Signatures[0].KeyId.ToString("x8", CultureInfo.InvariantCulture);
        var certificate = store.Get($"{negotiation}/certificate/{keyId}");
        Assert.True(certificate is { Intact: true }, $"{negotiation}: the certificate of the checkpoint's key {keyId} is not published");
        Assert.True(SignedCheckpoint.TryParse(bytes, certificate.Content, out var signed, out error), error);
        return new(signed);
    }

    public ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken)
    {
        Answer();
        return new(MerkleProof.TryBuildConsistency(ledger.Tree, from, to, out var proof) ? proof : null);
    }

    public ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) =>
        new((ReadOnlyMemory<byte>?)null);

    public ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken) =>
        new(store.Get($"{negotiation}/{tile.Path}") is { } blob ? blob.Content : (ReadOnlyMemory<byte>?)null);

    private void Answer()
    {
        if (fails()) throw new LedgerLogException("simulated failure") { IsNotNow = true };
    }
}
