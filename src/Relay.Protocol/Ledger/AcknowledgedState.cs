namespace Relay.Protocol.Ledger;

/// <summary>What a delegation says became of an envelope that it was sent. Closed.</summary>
public enum AcknowledgedState
{
    /// <summary>Every check held, and it opened.</summary>
    Opened,

    /// <summary>It was not taken as what its sender said; a reason says which check failed.</summary>
    Refused,
}
