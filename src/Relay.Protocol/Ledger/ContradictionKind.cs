namespace Relay.Protocol.Ledger;

/// <summary>What two statements of a relay show that no honest ledger makes. Closed.</summary>
public enum ContradictionKind
{
    /// <summary>Nothing: the statements fit each other.</summary>
    None,

    /// <summary>Two checkpoints of one size with different roots.</summary>
    ForkAtOneSize,

    /// <summary>A checkpoint, and a larger one whose tree had another root at the first one's size.</summary>
    ForkOfPrefix,

    /// <summary>Two different entries at one index.</summary>
    OtherEntryAtIndex,

    /// <summary>One envelope id at two indices.</summary>
    LoggedTwice,

    /// <summary>An envelope of a stream logged before one with a lower sequence.</summary>
    OrderBroken,

    /// <summary>An envelope logged though it does not continue the one logged before it in its stream.</summary>
    ChainBroken,
}
