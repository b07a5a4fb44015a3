namespace Relay.Protocol.Evidence;

/// <summary>
/// What an <see cref="EvidenceFile"/> says that the relay did and no honest relay does; the last is what the relay shows of others. The
/// text is the name in small letters with hyphens. Closed.
/// </summary>
public enum LieKind
{
    /// <summary>
    /// Signed two trees that do not fit: other roots at one size, or a larger one that had another root at the smaller's size.
    /// </summary>
    Fork,

    /// <summary>
    /// Signed a tree, and later a smaller one: the smaller's key began after the larger's had ended. An honest relay signs no tree
    /// whose newest entry is younger than its key may be, and no entry is dated before the one in front of it.
    /// </summary>
    Rollback,

    /// <summary>Logged bytes that are no entry of the kind that they say.</summary>
    UnreadableEntry,

    /// <summary>Logged an envelope, evidence, an acknowledgement, a bundle of prekeys or a claim of another negotiation.</summary>
    ForeignEntry,

    /// <summary>
    /// Logged an envelope, or a claim of prekeys, that the document that its entry names does not allow: of another negotiation, or for
    /// whom its sender may not address.
    /// </summary>
    ForbiddenEntry,

    /// <summary>Logged a head whose signatures do not reach the quorum of the document that its entry names, or do not all count.</summary>
    NoQuorum,

    /// <summary>Signed a tree with an entry that is dated after the end of the key that signed it.</summary>
    LateEntry,

    /// <summary>Logged evidence whose heads do not show what it says, or a fork whose root is the ledger's own.</summary>
    FalseEvidence,

    /// <summary>Gave a receipt for an entry, and signed a tree that has another in its place.</summary>
    BrokenPromise,

    /// <summary>Logged one envelope id at two places.</summary>
    LoggedTwice,

    /// <summary>Logged an envelope before one of its stream with a lower sequence.</summary>
    BrokenOrder,

    /// <summary>Logged an envelope that does not continue the one before it in its stream.</summary>
    BrokenChain,

    /// <summary>Logged an entry after one with a later time.</summary>
    TimeBackwards,

    /// <summary>
    /// Logged an acknowledgement that no identity key of its delegation has signed, by the document that its entry names.
    /// </summary>
    ForgedAcknowledgement,

    /// <summary>
    /// Logged an acknowledgement of an envelope under another digest than its ledger has it, by whom it is not for, or before it.
    /// </summary>
    FalseAcknowledgement,

    /// <summary>Logged two acknowledgements of one envelope by one delegation.</summary>
    AcknowledgedTwice,

    /// <summary>Logged two claims that were given one one-time key.</summary>
    PrekeyTwice,

    /// <summary>
    /// Logged a bundle of prekeys or a claim that does not go on where the one before in its delegation's chain ended: a key passed over,
    /// the session key while others were left, a bundle that was followed by another, or an entry left out.
    /// </summary>
    BrokenPrekeys,

    /// <summary>
    /// Logged a bundle of prekeys or a claim that no identity key of its delegation has signed, by the document that its entry names.
    /// </summary>
    ForgedPrekeys,

    /// <summary>
    /// No lie of the relay: it logged evidence that holds, each head with its quorum, against those who signed the heads; of a fork
    /// that was seen, against itself or the sender that says so.
    /// </summary>
    Accusation,

    /// <summary>
    /// No lie of the relay: the sender of a logged envelope, for whose head a quorum stands, wrapped for one of its addressees what does
    /// not open the content, or opens it to another text than it commits to.
    /// </summary>
    WrongWrap,
}
