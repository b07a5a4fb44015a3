namespace Relay.Core.Rulings;

/// <summary>
/// What the relay can decide about an envelope; closed. <see cref="VerdictTable"/> is the only place that says what
/// each member means for the message, the HTTP caller, the log and the metrics.
/// </summary>
public enum Verdict
{
    /// <summary>Every addressee's topic has taken the envelope.</summary>
    Forwarded,

    /// <summary>The bytes are no envelope: not JSON, not strict JSON, or a member is missing or out of range.</summary>
    Malformed,

    /// <summary>More bytes than the relay takes.</summary>
    Oversize,

    /// <summary>The directory has no document for the negotiation.</summary>
    UnknownNegotiation,

    /// <summary>The sender or an addressee is no delegation of the negotiation.</summary>
    NotAMember,

    /// <summary>The directory has no route from the sender to an addressee.</summary>
    RouteForbidden,

    /// <summary>The directory cannot be read now, or holds a document that does not validate; transient.</summary>
    DirectoryUnavailable,

    /// <summary>A signature names a key of no mediator of the negotiation, and that alone keeps the quorum from being met.</summary>
    UnknownMediator,

    /// <summary>
    /// A signature is by a key version that is disabled, out of date or absent, and that alone keeps the quorum from being met.
    /// </summary>
    KeyDisabled,

    /// <summary>A signature or its header is wrong, and that alone keeps the quorum from being met.</summary>
    BadSignature,

    /// <summary>The weight of valid signatures is below the quorum, and no single kind of fault explains it.</summary>
    QuorumNotMet,

    /// <summary>The weight of valid signatures is below the quorum so far; it is kept until other copies bring the rest.</summary>
    Pending,

    /// <summary>The weight is below the quorum, and as many envelopes wait for more signatures as may; transient.</summary>
    PendingFull,

    /// <summary>A key that could decide the quorum cannot be read now; transient.</summary>
    KeyUnavailable,

    /// <summary>The negotiation takes no envelopes any more.</summary>
    NegotiationClosed,

    /// <summary>The negotiation takes no envelopes for now; transient.</summary>
    ReadOnly,

    /// <summary>The envelope's <c>exp</c> has come.</summary>
    Expired,

    /// <summary>The envelope's <c>iat</c> lies further ahead of the relay's clock than clocks may differ.</summary>
    NotYetIssued,

    /// <summary>The envelope's <c>nbf</c> has not come; it is kept on the bus until then.</summary>
    Embargoed,

    /// <summary>The envelope is in the ledger already.</summary>
    Duplicate,

    /// <summary>The envelope waits for those before it in its stream; it is kept with the ledger.</summary>
    Held,

    /// <summary>Another envelope was accepted under this id.</summary>
    Equivocation,

    /// <summary>The envelope does not continue its stream: its <c>prev</c> is not the digest of the one before it.</summary>
    BrokenChain,

    /// <summary>The envelope's <c>seen</c> is no checkpoint of this ledger: its sender was shown another one.</summary>
    ForkSeen,

    /// <summary>Too many envelopes wait for a gap; transient.</summary>
    HoldFull,

    /// <summary>More than the rate of its sender or negotiation lets through now; it is kept on the bus until its turn.</summary>
    RateLimited,

    /// <summary>The ledger cannot be committed to now; transient.</summary>
    LedgerUnavailable,

    /// <summary>The ledger is damaged where this envelope needs it; an operator must act, until then transient.</summary>
    LedgerDamaged,

    /// <summary>A topic refused the envelope for good.</summary>
    TopicRefused,

    /// <summary>A topic cannot be reached now; transient.</summary>
    TopicUnavailable,

    /// <summary>The steps took longer than they may; what the ledger has by then stays, and the next attempt goes on from there.</summary>
    Unfinished,

    /// <summary>The queue cannot take the envelope, or the copy that a transient verdict needs; the caller tries again.</summary>
    QueueUnavailable,
}
