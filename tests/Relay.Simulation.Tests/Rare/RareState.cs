namespace Relay.Simulation.Tests.Rare;

/// <summary>
/// What must occur sometimes: a run of many worlds in which one of these never does has not looked at what it is for. Closed.
/// </summary>
internal enum RareState
{
    /// <summary>A worker was killed when it had swapped the head and published nothing of what stands behind it.</summary>
    KilledBetweenSwapAndPublishing,

    /// <summary>A worker was killed while it published, before the checkpoint.</summary>
    KilledWhilePublishing,

    /// <summary>A worker was killed when it had published, and no head stood on that yet.</summary>
    KilledBetweenPublishingAndSwap,

    /// <summary>A worker was killed while it deleted what no head needed any more.</summary>
    KilledWhileClearing,

    /// <summary>A worker was killed when it had forwarded an entry, and no commit had recorded that yet.</summary>
    KilledBetweenForwardAndMark,

    /// <summary>Two workers committed at once, and one lost the swap.</summary>
    SwapLost,

    /// <summary>The swap of a worker that is dead took effect after its death.</summary>
    SwapAfterDeath,

    /// <summary>A swap took effect after its worker, which lived on, had given it up.</summary>
    SwapAfterDeadline,

    /// <summary>A write left half a blob.</summary>
    TornWriteLeft,

    /// <summary>Half a blob was read.</summary>
    TornWriteRead,

    /// <summary>A worker published what another had staged.</summary>
    RecoveredByAnother,

    /// <summary>An envelope was held for those before it.</summary>
    Held,

    /// <summary>A held envelope came again while it was held.</summary>
    HeldAgain,

    /// <summary>A held envelope was released by the one that it waited for.</summary>
    HeldReleased,

    /// <summary>A held envelope expired before the one that it waited for came.</summary>
    HeldExpired,

    /// <summary>A stream was held back, because it or its negotiation was past its rate.</summary>
    Throttled,

    /// <summary>A stream that was held back went on.</summary>
    ThrottleEnded,

    /// <summary>A released envelope was forwarded by another worker than the one that released it.</summary>
    ReleaseTakenOver,

    /// <summary>Evidence of two envelopes under one id was committed.</summary>
    EquivocationCommitted,

    /// <summary>Evidence of a broken chain was committed.</summary>
    BrokenChainCommitted,

    /// <summary>Evidence of a fork that a sender says it has seen was committed.</summary>
    ForkSeenCommitted,

    /// <summary>A duplicate of a logged envelope was answered.</summary>
    Duplicate,

    /// <summary>An envelope was judged by a document that the ledger had left behind.</summary>
    PolicyOutdated,

    /// <summary>A ledger that had begun went on with another checkpoint key.</summary>
    KeyChanged,

    /// <summary>The vault certified nothing when it was asked.</summary>
    VaultRefused,

    /// <summary>A worker committed nothing because its clock was ahead of the services'.</summary>
    ClockAheadRefused,

    /// <summary>A worker's clock stepped.</summary>
    ClockStepped,

    /// <summary>A worker whose clock had not come to when a message was visible put a copy of it on the queue for later.</summary>
    PutOffByAClockBehind,

    /// <summary>A group was given back because its commit took too long.</summary>
    CommitGivenUp,

    /// <summary>A message's lock had ended when its worker settled it.</summary>
    LockLost,

    /// <summary>No worker was alive.</summary>
    NobodyAlive,

    /// <summary>An envelope expired on the way.</summary>
    Expired,

    /// <summary>An envelope further ahead than the ledger holds was kept in memory, and relayed from there.</summary>
    EarlyRelayed,
}
