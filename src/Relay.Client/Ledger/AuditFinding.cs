using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>What an audit can find. Closed.</summary>
public enum AuditKind
{
    /// <summary>The log did not answer, or said "later": nothing is known of what it would have shown.</summary>
    LogNotAnswering,

    /// <summary>
    /// The log shows no newest checkpoint, or not all of what its checkpoint commits to; nothing is proved by that, and it must not last.
    /// </summary>
    LogWithheld,

    /// <summary>The log's newest checkpoint is not signed by the relay.</summary>
    CheckpointNotSigned,

    /// <summary>The log shows a smaller tree than the relay has signed before.</summary>
    RolledBack,

    /// <summary>What the log shows does not lead to the root that the relay signed.</summary>
    LogDamaged,

    /// <summary>The relay has signed trees that do not fit each other.</summary>
    Forked,

    /// <summary>
    /// The ledger holds something that an honest relay does not write: an entry of
    /// no known kind, an id twice, a sequence out of turn, time running backwards.
    /// </summary>
    BadEntry,

    /// <summary>The ledger holds an entry that is dated more than two minutes ahead of this machine's clock.</summary>
    FutureEntry,

    /// <summary>An entry names a negotiation document that is not known here: what it allowed is the relay's word.</summary>
    UnknownPolicy,

    /// <summary>
    /// The signatures of an entry do not reach the quorum of the document that it names, or the document does not allow the
    /// envelope: the relay has logged what it had to refuse, and the entry proves it.
    /// </summary>
    NoQuorum,

    /// <summary>
    /// Whether an entry's signatures reach the quorum cannot be told here and now: a mediator's key cannot be read, was not good then, or
    /// was withdrawn; or the version of the relay's key behind the newest checkpoint was. Nothing is proved by that, and all is not well.
    /// </summary>
    NotProved,

    /// <summary>
    /// The ledger holds an acknowledgement that its delegation has not signed, of an envelope that it does not hold so, by who was not
    /// addressed, or a second one: the relay has logged what nobody said, and the entry proves it.
    /// </summary>
    FalseAcknowledgement,

    /// <summary>An envelope addressed to this delegation is in the ledger and has not arrived.</summary>
    Missing,

    /// <summary>An envelope arrived with a receipt for a place where the ledger holds something else.</summary>
    NotInLedger,

    /// <summary>An envelope that arrived does not continue the one that the ledger has before it in its stream.</summary>
    ChainBroken,

    /// <summary>A sender had seen another tree than the one that the log shows.</summary>
    ForkSeen,
}

/// <summary>One finding of an audit.</summary>
/// <param name="Kind">What.</param>
/// <param name="Detail">What was expected and what came.</param>
/// <param name="Index">Ledger index it is about; null when none.</param>
/// <param name="Contradiction">The evidence, when it can be proved to others; null otherwise.</param>
public sealed record AuditFinding(AuditKind Kind, string Detail, long? Index = null, EvidenceFile? Contradiction = null)
{
    /// <summary>True when it says that something is wrong; false when only that something could not be checked.</summary>
    public bool IsProved => Kind switch
    {
        AuditKind.LogNotAnswering or AuditKind.LogWithheld or AuditKind.UnknownPolicy or AuditKind.NotProved => false,
        AuditKind.CheckpointNotSigned or AuditKind.RolledBack or AuditKind.LogDamaged or AuditKind.Forked or AuditKind.BadEntry
            or AuditKind.FutureEntry or AuditKind.NoQuorum or AuditKind.FalseAcknowledgement
            or AuditKind.Missing or AuditKind.NotInLedger or AuditKind.ChainBroken or AuditKind.ForkSeen => true,
    };
}

/// <summary>What an audit found.</summary>
/// <param name="Checkpoint">The checkpoint audited; null when there was none that holds.</param>
/// <param name="Entries">Entries read and hashed.</param>
/// <param name="Addressed">Of these addressed to this delegation.</param>
/// <param name="Arrived">Of these that have arrived.</param>
/// <param name="UnderWay">Of these that have not, but are too young to be missing.</param>
/// <param name="Compared">Checkpoints seen before that were compared.</param>
/// <param name="Findings">Everything found; empty when all is well.</param>
public sealed record AuditReport(
    Checkpoint? Checkpoint, long Entries, int Addressed, int Arrived, int UnderWay, int Compared, IReadOnlyList<AuditFinding> Findings)
{
    /// <summary>The ledger's evidence entries, by index.</summary>
    public IReadOnlyList<Accusation> Accusations { get; init; } = [];

    /// <summary>
    /// Where each stream ends in the audited ledger, its last sequence and that envelope's digest: what a sender compares with what it has
    /// sent, since of what the relay says the ledger alone is proved. Null when the ledger could not be read whole.
    /// </summary>
    public IReadOnlyDictionary<StreamId, (long Sequence, Digest Digest)>? Ends { get; init; }

    /// <summary>The delegation's own envelopes in the ledger, in its order, with what was said of them.</summary>
    public IReadOnlyList<SentEnvelope> Sent { get; init; } = [];

    // Tree and checkpoint that receipts come from; null unless what was read is what the relay signed.
    internal (MerkleTree Tree, SignedCheckpoint Signed)? Proofs { get; init; }

    /// <summary>
    /// The receipt of an acknowledgement of <see cref="Sent"/>, which anyone checks offline; null when the audit did not come so far.
    /// </summary>
    public byte[]? FindReceipt(EnvelopeAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (Proofs is not var (tree, signed) || answer.Policy is not { } policy) return null;
        var entry = new AcknowledgementEntry { Policy = policy, Acknowledgement = answer.Said, At = answer.At };
        return MerkleProof.TryBuildInclusion(tree, answer.Index, tree.Size, out var proof)
            ? Receipt.Write(entry, answer.Index, proof.AsSpan(), signed.Note, signed.Certificate)
            : null;
    }
}
