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

    /// <summary>The content does not open; <see cref="InboxResult.SealingFault"/> says why.</summary>
    NotOpened,

    /// <summary>It was received before; harmless.</summary>
    Duplicate,

    /// <summary>The sender said two things under one id.</summary>
    Equivocation,

    /// <summary>It does not continue the stream as received.</summary>
    BrokenChain,
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
        InboxFault.NotOpened => "not-opened",
        InboxFault.Duplicate => "duplicate",
        InboxFault.Equivocation => "equivocation",
        InboxFault.BrokenChain => "broken-chain",
    };
}
