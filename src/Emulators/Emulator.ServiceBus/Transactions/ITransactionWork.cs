using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Transactions;

/// <summary>One thing to do when a transaction commits. Checked and done under the gates of all entities of the transaction.</summary>
internal interface ITransactionWork
{
    EntityDomain Domain { get; }

    /// <summary>The entity, for error texts.</summary>
    string Path { get; }

    /// <summary>Messages it counts as.</summary>
    int Count { get; }

    /// <summary>Bytes it will add to the entity.</summary>
    long Bytes { get; }

    EntityFault CheckLocked();

    void ApplyLocked();
}
