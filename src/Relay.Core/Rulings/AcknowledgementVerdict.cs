namespace Relay.Core.Rulings;

/// <summary>What the relay can decide about an acknowledgement; closed. <see cref="AcknowledgementTable"/> says what each means.</summary>
public enum AcknowledgementVerdict
{
    /// <summary>It is a new entry of the ledger.</summary>
    Logged,

    /// <summary>The delegation has acknowledged the envelope in this state before.</summary>
    Repeated,

    /// <summary>More bytes than an acknowledgement has.</summary>
    Oversize,

    /// <summary>The bytes are no acknowledgement.</summary>
    Malformed,

    /// <summary>
    /// No identity key of a delegation of its negotiation has signed it: one answer for every reason, so that a stranger learns nothing.
    /// </summary>
    NotProved,

    /// <summary>Its <c>iat</c> lies further ahead of the relay's clock than clocks may differ.</summary>
    NotYetIssued,

    /// <summary>The ledger has no such envelope.</summary>
    UnknownEnvelope,

    /// <summary>The delegation is none of the envelope's addressees.</summary>
    NotAddressed,

    /// <summary>The delegation has acknowledged the envelope in another state.</summary>
    OtherState,

    /// <summary>The delegation has sent as many in this second as it may; transient.</summary>
    TooMany,

    /// <summary>The negotiation takes nothing for now; transient.</summary>
    ReadOnly,

    /// <summary>The directory cannot be read now; transient.</summary>
    DirectoryUnavailable,

    /// <summary>The ledger cannot be committed to now; transient.</summary>
    LedgerUnavailable,

    /// <summary>The ledger is damaged where this needs it; an operator must act, until then transient.</summary>
    LedgerDamaged,
}
