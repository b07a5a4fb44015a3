namespace Relay.Client.Delegations;

/// <summary>Why a message in a delegation's inbox is not taken as what its sender said. Closed; each check has its own.</summary>
public enum InboxFault
{
    /// <summary>Every check held.</summary>
    None,

    /// <summary>The body is not an envelope.</summary>
    NotAnEnvelope,

    /// <summary>It belongs to another negotiation.</summary>
    OtherNegotiation,

    /// <summary>Its sender is not a member, or may not address this delegation.</summary>
    SenderNotAllowed,

    /// <summary>This delegation is not among its addressees.</summary>
    NotAddressed,

    /// <summary>The mediators' signatures do not reach the quorum.</summary>
    QuorumNotMet,

    /// <summary>The quorum may be reached once keys can be read again; transient.</summary>
    KeyUnavailable,

    /// <summary>It has expired.</summary>
    Expired,

    /// <summary>It came without a receipt, and this delegation wants one.</summary>
    NoReceipt,

    /// <summary>Its receipt does not hold; <see cref="InboxResult.ReceiptFault"/> says which check.</summary>
    BadReceipt,

    /// <summary>
    /// Its receipt holds, but contradicts a checkpoint the relay has signed before; <see cref="InboxResult.Contradiction"/> proves it.
    /// </summary>
    LedgerForked,

    /// <summary>
    /// The relay could not show that its ledger extends what it has shown before: not a proof, and nothing to open envelopes on.
    /// </summary>
    LedgerNotConsistent,

    /// <summary>
    /// So many checkpoints of the relay wait to be linked by its log that no further can be kept, and none is forgotten; transient.
    /// </summary>
    LedgerNotLinked,

    /// <summary>What its sender has seen of the ledger (<c>seen</c>) is not what this delegation was shown at the same size.</summary>
    ForkSeen,

    /// <summary>The ledger has it under a negotiation document that this delegation does not know.</summary>
    UnknownPolicy,

    /// <summary>The content does not open; <see cref="InboxResult.SealingFault"/> says why.</summary>
    NotOpened,

    /// <summary>It was received before; harmless.</summary>
    Duplicate,

    /// <summary>Two envelopes came under one id.</summary>
    Equivocation,

    /// <summary>It does not continue the stream as received.</summary>
    BrokenChain,

    /// <summary>The ledger has it twice.</summary>
    LoggedTwice,

    /// <summary>The ledger has its stream in another order than its sender's.</summary>
    OutOfOrder,

    /// <summary>Older than what is remembered of its stream: whether it is new cannot be told.</summary>
    TooOld,
}

/// <summary>Stable codes of <see cref="InboxFault"/>, used as dead-letter reasons.</summary>
public static class InboxFaultCodes
{
    /// <summary>The code.</summary>
    public static string Code(this InboxFault fault) => fault switch
    {
        InboxFault.None => "none",
        InboxFault.NotAnEnvelope => "not-an-envelope",
        InboxFault.OtherNegotiation => "other-negotiation",
        InboxFault.SenderNotAllowed => "sender-not-allowed",
        InboxFault.NotAddressed => "not-addressed",
        InboxFault.QuorumNotMet => "quorum-not-met",
        InboxFault.KeyUnavailable => "key-unavailable",
        InboxFault.Expired => "expired",
        InboxFault.NoReceipt => "no-receipt",
        InboxFault.BadReceipt => "bad-receipt",
        InboxFault.LedgerForked => "ledger-forked",
        InboxFault.LedgerNotConsistent => "ledger-not-consistent",
        InboxFault.LedgerNotLinked => "ledger-not-linked",
        InboxFault.ForkSeen => "fork-seen",
        InboxFault.UnknownPolicy => "unknown-policy",
        InboxFault.NotOpened => "not-opened",
        InboxFault.Duplicate => "duplicate",
        InboxFault.Equivocation => "equivocation",
        InboxFault.BrokenChain => "broken-chain",
        InboxFault.LoggedTwice => "logged-twice",
        InboxFault.OutOfOrder => "out-of-order",
        InboxFault.TooOld => "too-old",
    };
}
