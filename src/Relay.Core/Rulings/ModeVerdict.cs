namespace Relay.Core.Rulings;

/// <summary>What became of an operator's change of mode; closed.</summary>
public enum ModeVerdict
{
    /// <summary>The mode is in force from its entry on.</summary>
    Changed,

    /// <summary>It was in force already.</summary>
    Unchanged,

    /// <summary>The directory has no document for the negotiation.</summary>
    UnknownNegotiation,

    /// <summary>The directory cannot be read now, or holds a document that does not validate; transient.</summary>
    DirectoryUnavailable,

    /// <summary>The ledger cannot be committed to now; transient.</summary>
    LedgerUnavailable,

    /// <summary>The ledger is damaged where the change needs it.</summary>
    LedgerDamaged,
}
