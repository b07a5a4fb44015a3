using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>
/// A negotiation's ledger as the relay shows it to its readers. Nothing it answers is believed:
/// checkpoints are verified, entries hashed, proofs followed. Null means that the log says
/// "not there"; a log that does not answer is an exception, so that nobody takes the one for the other.
/// </summary>
public interface ILedgerLog
{
    /// <summary>The newest checkpoint with the certificate of its key.</summary>
    /// <exception cref="LedgerLogException">
    /// The log did not answer, answered with something that is no checkpoint, or refused the caller.
    /// </exception>
    ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken);

    /// <summary>Consistency proof between two sizes.</summary>
    /// <exception cref="LedgerLogException">As above.</exception>
    ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken);

    /// <summary>The receipt of an envelope, as text.</summary>
    /// <exception cref="LedgerLogException">As above.</exception>
    ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken);

    /// <summary>A tile or bundle of entries, cut to its width.</summary>
    /// <exception cref="LedgerLogException">As above.</exception>
    ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken);
}
