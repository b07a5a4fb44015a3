namespace Relay.Checker;

/// <summary>What a finding is about.</summary>
public enum CheckRule
{
    /// <summary>The marker by which maintenance finds the ledger.</summary>
    Marker,

    /// <summary>The head: its bytes, form, signature, or what it says beside the tree.</summary>
    Head,

    /// <summary>A certificate of a checkpoint key.</summary>
    Certificate,

    /// <summary>What is staged behind the head.</summary>
    Staged,

    /// <summary>A bundle of entries: what the entries are is lost or changed.</summary>
    Entries,

    /// <summary>An entry, committed to as it is, that is none by its form or contents.</summary>
    Entry,

    /// <summary>The order of a stream's entries.</summary>
    Order,

    /// <summary>Times of entries.</summary>
    Time,

    /// <summary>Policy entries and the documents that they name, or an envelope judged by a policy that was never in force.</summary>
    Policy,

    /// <summary>
    /// Signatures of an entry that do not reach the quorum of the document that it
    /// names: the relay logged what it had to refuse, and the entry proves it.
    /// </summary>
    Quorum,

    /// <summary>A tile of hashes: proofs cannot be made from it; the entries may be whole.</summary>
    Tile,

    /// <summary>The tree's root: the entries are not those that were signed.</summary>
    Root,

    /// <summary>The published checkpoint.</summary>
    Checkpoint,

    /// <summary>A chunk of the index from sequence to entry.</summary>
    StreamIndex,

    /// <summary>An envelope that waits for a gap.</summary>
    Held,

    /// <summary>An entry not yet known to be forwarded.</summary>
    Outstanding,

    /// <summary>The envelope behind an evidence entry.</summary>
    Evidence,

    /// <summary>
    /// An acknowledgement that nobody, or nobody who was asked, has signed, of no envelope, or again; or where the relay finds one.
    /// </summary>
    Acknowledgement,

    /// <summary>
    /// A bundle of prekeys or a claim that is not signed by whom it has to be, or that does not go on where the one before ended: a key
    /// given
    /// twice, passed over, or kept back; or where the relay finds who has which.
    /// </summary>
    Prekeys,
}
