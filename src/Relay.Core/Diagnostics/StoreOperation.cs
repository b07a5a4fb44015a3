namespace Relay.Core.Diagnostics;

/// <summary>A kind of call at a ledger store, as price lists tell them apart; closed.</summary>
public enum StoreOperation
{
    /// <summary>A blob created or replaced, or tried to be.</summary>
    Write,

    /// <summary>A blob read, or looked for.</summary>
    Read,

    /// <summary>A blob removed.</summary>
    Delete,

    /// <summary>Names listed.</summary>
    List,
}
