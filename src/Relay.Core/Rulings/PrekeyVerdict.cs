namespace Relay.Core.Rulings;

/// <summary>
/// What the relay can decide about a bundle of prekeys or a claim; closed. <see cref="PrekeyTable"/> says what each means.
/// </summary>
public enum PrekeyVerdict
{
    /// <summary>The bundle is a new entry of the ledger, and in force.</summary>
    Published,

    /// <summary>The same bundle is in force already.</summary>
    PublishedBefore,

    /// <summary>Keys were handed out, by a new entry of the ledger.</summary>
    Claimed,

    /// <summary>All the envelopes have keys from before.</summary>
    ClaimedBefore,

    /// <summary>More bytes than it may have.</summary>
    Oversize,

    /// <summary>The bytes are no bundle or claim.</summary>
    Malformed,

    /// <summary>
    /// No identity key of a delegation of its negotiation has signed it: one answer for every reason, so that a stranger learns nothing.
    /// </summary>
    NotProved,

    /// <summary>It is of another negotiation or delegation than the resource.</summary>
    OtherResource,

    /// <summary>The claimer may not address the target.</summary>
    RouteForbidden,

    /// <summary>Its time lies further ahead of the relay's clock than clocks may differ.</summary>
    NotYetIssued,

    /// <summary>The bundle has ended, or the claim was signed more than a day ago and is new.</summary>
    TooOld,

    /// <summary>A bundle of this number or a greater one is there already.</summary>
    OlderNumber,

    /// <summary>The bundle has keys whose ids were used before.</summary>
    KeysComeBack,

    /// <summary>The target has no bundle that may be used now.</summary>
    NoBundle,

    /// <summary>The claimer has its share of the bundle, or would have more with this claim.</summary>
    OverShare,

    /// <summary>The delegation has sent as many in this second as it may; transient.</summary>
    TooMany,

    /// <summary>The negotiation takes nothing for now; transient.</summary>
    ReadOnly,

    /// <summary>The negotiation is closed.</summary>
    Closed,

    /// <summary>The directory cannot be read now; transient.</summary>
    DirectoryUnavailable,

    /// <summary>The ledger cannot be committed to now; transient.</summary>
    LedgerUnavailable,

    /// <summary>The ledger is damaged where this needs it; an operator must act, until then transient.</summary>
    LedgerDamaged,
}
