using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// The relay's receipt of an entry, whatever its kind: that it is in a tree which the relay has committed to. As read: nothing of it is
/// verified yet. Immutable.
/// </summary>
public abstract class EntryReceipt
{
    private readonly ReceiptParts _parts;

    private protected EntryReceipt(ReceiptParts parts) => _parts = parts;

    /// <summary>The text as it came.</summary>
    public ReadOnlyMemory<byte> Bytes => _parts.Bytes;

    /// <summary>Index, inclusion proof and signed checkpoint.</summary>
    public TlogProof Proof => _parts.Proof;

    /// <summary>What <see cref="Proof"/> says it commits to.</summary>
    public Checkpoint Checkpoint => _parts.Checkpoint;

    /// <summary>Leaf hash of the entry's text.</summary>
    public Digest LeafHash => _parts.LeafHash;

    /// <summary>Certificate of the checkpoint's key.</summary>
    public CheckpointKeyCertificate Certificate => _parts.Certificate;

    /// <summary>The entry.</summary>
    public abstract LedgerEntry Logged { get; }
}
