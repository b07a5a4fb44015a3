using System.Collections.Immutable;
using Relay.Client.Ledger;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Adversary;

/// <summary>Answers readers from a ledger, but for one lie.</summary>
internal sealed class LyingLog(TestLedger ledger, AttackKind kind, Random random) : ILedgerLog
{
    public ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken) =>
        ledger.FindCheckpointAsync(cancellationToken);

    public async ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken)
    {
        var proof = await ledger.FindConsistencyAsync(from, to, cancellationToken);
        if (kind != AttackKind.BadConsistencyProof || proof is not { Length: > 0 } hashes) return proof;
        return hashes.SetItem(random.Next(hashes.Length), Digest.Of([(byte)random.Next(256)]));
    }

    public ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) =>
        ledger.FindReceiptAsync(id, cancellationToken);

    public async ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken)
    {
        if (kind == AttackKind.WithholdEntries) return null;
        var bytes = await ledger.FindTileAsync(tile, cancellationToken);
        if (kind != AttackKind.DamageEntries || bytes is not { } content) return bytes;
        var changed = content.ToArray();
        changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        return changed;
    }
}
