namespace Relay.Core.Rulings;

/// <summary>What becomes of a message on the queue; closed.</summary>
public enum SettlementAction
{
    /// <summary>The message is done with.</summary>
    Complete,

    /// <summary>A copy is scheduled after a back-off, then the message is completed.</summary>
    Retry,

    /// <summary>A copy is scheduled for the end of the embargo, then the message is completed.</summary>
    Postpone,

    /// <summary>The message goes to the dead-letter queue with reason and description.</summary>
    DeadLetter,

    /// <summary>The message is given back to its queue as it is: only where the bus cannot even take a copy.</summary>
    Abandon,
}
