namespace Relay.Protocol.Ledger;

/// <summary>
/// Why a receipt does not prove that an envelope is in the relay's ledger, in the order of the checks. Closed; each check has its own.
/// </summary>
public enum ReceiptFault
{
    /// <summary>Every check held.</summary>
    None,

    /// <summary>Not a tlog-proof with a checkpoint.</summary>
    Malformed,

    /// <summary><c>extra</c> is absent or not a JSON object with the strings <c>entry</c> and <c>key</c>.</summary>
    BadExtra,

    /// <summary>The entry is not one of an envelope as this format has it.</summary>
    BadEntry,

    /// <summary>The certificate of the checkpoint key is not one as this format has it.</summary>
    BadCertificate,

    /// <summary>The checkpoint is of another ledger than the one asked about.</summary>
    WrongOrigin,

    /// <summary>The certificate is signed by no key known as the relay's.</summary>
    UnknownVaultKey,

    /// <summary>
    /// The certificate is signed by a version of the relay's key that was withdrawn as compromised: its time is whatever its holder
    /// wrote, so only what was seen before the withdrawal counts. Told by those who know keys' standing, not by
    /// <see cref="ReceiptVerifier"/>.
    /// </summary>
    CompromisedVaultKey,

    /// <summary>The certificate's signature does not verify.</summary>
    BadCertificateSignature,

    /// <summary>The certified key may not sign for this ledger.</summary>
    CertificateForOtherOrigin,

    /// <summary>The certified key is not valid yet by the checker's clock.</summary>
    CertificateNotYetValid,

    /// <summary>The entry is younger than the certified key may be.</summary>
    CertificateExpired,

    /// <summary>The certified key has not signed the checkpoint.</summary>
    CheckpointNotSigned,

    /// <summary>The checkpoint's signature by the certified key does not verify.</summary>
    BadCheckpointSignature,

    /// <summary>The entry is not where the proof says in the tree of the checkpoint.</summary>
    NotIncluded,

    /// <summary>The entry is dated more than two minutes ahead of the checker's clock.</summary>
    EntryInFuture,

    /// <summary>The entry is of an envelope with another id.</summary>
    EntryForOtherEnvelope,

    /// <summary>The entry is of this id with another digest.</summary>
    EntryForOtherContent,
}
