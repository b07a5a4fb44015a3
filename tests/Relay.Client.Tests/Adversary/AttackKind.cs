namespace Relay.Client.Tests.Adversary;

/// <summary>
/// What a trace does. The first are honest, with everything a bus and a slow relay may do;
/// the others are lies of a relay with its keys, or of a quorum of mediators with theirs.
/// </summary>
internal enum AttackKind
{
    Honest,
    HonestReordered,
    HonestDuplicated,
    HonestDelayed,
    HonestRestarted,
    DropLogged,
    DropTail,
    DropUnlogged,
    LogReordered,
    LogTwice,
    LogBackInTime,
    ReplayDelivery,
    AlterEnvelope,
    TruncateEnvelope,
    AlterReceipt,
    TruncateReceipt,
    WithholdReceipt,
    SwapReceipt,
    EntryOtherAudience,
    EntryOtherDigest,
    EntryMadeUpPolicy,
    ForeignKeys,
    BelowQuorum,
    MediatorsForgeStatement,
    MediatorsMoveContent,
    MediatorsChangePrevious,
    MediatorsReSign,
    ForkAtOneSize,
    ForkElsewhere,
    RewriteHistory,
    RollBack,
    BadConsistencyProof,
    WithholdEntries,
    DamageEntries,
    ForkSeenBySender,
}
