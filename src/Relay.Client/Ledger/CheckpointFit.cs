namespace Relay.Client.Ledger;

/// <summary>How a checkpoint fits those seen before. Closed.</summary>
public enum CheckpointFit
{
    /// <summary>Seen before.</summary>
    Known,

    /// <summary>Of a size not seen before; whether it extends the others takes a consistency proof.</summary>
    New,

    /// <summary>Of a size seen before, with another root: the relay has forked its ledger.</summary>
    Contradicts,

    /// <summary>
    /// Not taken: <see cref="LedgerView.MaxUnlinked"/> wait for a proof, and none of them is forgotten to make room. Once
    /// the log answers, or after an audit, there is.
    /// </summary>
    NoRoom,
}
