namespace Emulator.ServiceBus.Transactions;

/// <summary>Why a transaction did not take something or did not commit.</summary>
internal enum TransactionFault
{
    None,

    /// <summary>No open transaction of this connection has the id: never declared, discharged, or out of time.</summary>
    UnknownId,

    /// <summary>More operations, bytes or transactions than allowed.</summary>
    LimitExceeded,

    /// <summary>Work on another entity than the first, by a link that is not on the session of the transaction's controller.</summary>
    SpansEntities,

    /// <summary>An entity refused its part, so nothing was done.</summary>
    RolledBack,
}
