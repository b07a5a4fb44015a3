namespace Relay.Protocol.Ledger;

/// <summary>What an evidence entry shows. Closed.</summary>
public enum EvidenceKind
{
    /// <summary>A second envelope under a logged id; text <c>equivocation</c>.</summary>
    Equivocation,

    /// <summary>The stream's next envelope, chained to another than the last logged one; text <c>broken-chain</c>.</summary>
    BrokenChain,

    /// <summary>An envelope whose <c>seen</c> is no checkpoint of this ledger; text <c>fork-seen</c>.</summary>
    ForkSeen,
}
