namespace Relay.Client.Ledger;

/// <summary>How a kept checkpoint stands to the first one seen. Closed.</summary>
internal enum CheckpointStanding
{
    /// <summary>A proof links it.</summary>
    Linked,

    /// <summary>No proof has been asked for, or none was answered.</summary>
    Unlinked,

    /// <summary>The log's own proof does not hold. Kept, and told by every audit, until one does.</summary>
    Refuted,
}
