namespace Relay.LyingRelay.Lies;

/// <summary>Every lie that is told here; <c>--lie NAME</c> tells one. Closed. What each does is said in its row.</summary>
internal enum LieKind
{
    Honest,
    HonestWriter,

    // Entries that no rule lets through.
    OtherAudience,
    NoAudience,
    OtherContentInEntry,
    BelowQuorum,
    NoSignature,
    SignatureTwice,
    SignaturesOfAnother,
    SignaturesOutOfOrder,
    UnknownMediator,
    MediatorsNameOtherKey,
    UnknownKeyVersion,
    OtherNegotiationLogged,
    ForbiddenRoute,
    LoggedAfterExpiry,
    DatedBeforeWritten,
    TimeRunsBackwards,
    FutureEntry,
    LoggedTwice,
    Reordered,
    GapInStream,
    UnknownKindOfEntry,
    UnknownPolicyInEntry,
    PolicyVersionAgain,
    PolicyWithoutDocument,

    // Accusations.
    FalseEquivocation,
    ForgedEquivocation,
    FalseBrokenChain,
    FalseForkSeen,

    // Acknowledgements.
    HonestAnswer,
    AnswerByTheRelay,
    AnswerByAnother,
    AnswerTwice,
    AnswerOfOtherContent,
    AnswerToNothing,
    AnswerSuppressed,
    AnswerNotTaken,

    // Keys that are used once.
    HonestPrekeys,
    HonestHybridPrekeys,
    PrekeyGivenTwice,
    PrekeyPassedOver,
    PrekeysSaidGone,
    ClaimLeftOut,
    BundleByTheRelay,
    ClaimByTheRelay,
    BundleOfOtherNegotiation,
    BundleUnderOtherDocument,
    ClaimWithoutRoute,

    // One signature over several envelopes.
    HonestBatch,
    BatchSignatureOfAnother,

    // The ledger changed after the fact, or kept twice.
    EntryChangedLater,
    EntryRemovedLater,
    EntryRemovedByALaterKey,
    LedgerErasedLater,
    HistoryRewrittenAndGoneOn,
    OlderCheckpointToOne,
    TransientFork,
    TransientForkAtOneSize,
    ForkPerParty,
    PrivateTree,

    // Forwarding.
    DroppedTail,
    DroppedInTheMiddle,
    DroppedForOne,
    WrongDelegation,
    ForwardedTooLate,
    ForwardedTwice,
    GarbledBody,
    ContentChanged,
    SignatureStripped,

    // Receipts.
    NoReceipt,
    ReceiptOfAnother,
    ReceiptWithWrongIndex,
    ReceiptWithChangedProof,
    ReceiptByMadeUpKey,
    ReceiptByStrangersKey,
    ReceiptOfOtherNegotiation,
    ReceiptByExpiredKey,
    ReceiptByFutureKey,
    ClockAhead,

    // Taking.
    Withheld,
    WithheldAndSaidLogged,
    HeldForEver,
    WithheldWhileSenderIsSilent,

    // Serving.
    LogDoesNotAnswer,
    LogRefusesOne,
    CheckpointWithheld,
    BundleWithheld,
    TileWithheld,
    PolicyWithheld,
    CertificateWithheld,
    BundleReordered,
    TileSwapped,
    OtherPolicyServed,
    CheckpointOfOtherNegotiation,
    CheckpointBadlySigned,
    CheckpointByMadeUpKey,
    CheckpointTooLarge,
    WrongConsistency,

    // Keys and documents.
    DisabledKeyUsed,
    FalseMediators,
    OtherDocument,

    // What lies in the store.
    StoredEntryChanged,
    StoredTileChanged,
    StoredPolicyChanged,
}
