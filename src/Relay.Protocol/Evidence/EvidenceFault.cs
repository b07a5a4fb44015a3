namespace Relay.Protocol.Evidence;

/// <summary>Why a file of evidence does not prove what it says, in the order of the checks. Closed; each check has its own.</summary>
public enum EvidenceFault
{
    /// <summary>It proves it.</summary>
    None,

    /// <summary>Not a file of this format.</summary>
    Malformed,

    /// <summary>The certificate is signed by no key that the judge knows as the relay's. Not judged.</summary>
    UnknownRelayKey,

    /// <summary>The certificate's signature does not verify.</summary>
    BadCertificate,

    /// <summary>The certified key may not sign for this ledger.</summary>
    CertificateForOtherOrigin,

    /// <summary>The certified key has not signed the checkpoint.</summary>
    CheckpointNotSigned,

    /// <summary>The checkpoint's signature by the certified key does not verify.</summary>
    BadCheckpointSignature,

    /// <summary>An entry is not where its proof says in the tree of the checkpoint.</summary>
    NotIncluded,

    /// <summary>The earlier root is not one that the tree has had.</summary>
    NotConsistent,

    /// <summary>An entry is of a kind that the judge does not know; a newer relay may write such. Not judged.</summary>
    UnknownEntryKind,

    /// <summary>The content is not the one that the head names by its hash.</summary>
    OtherContent,

    /// <summary>The secret is not shown to be the one that the addressee shares with the sender.</summary>
    BadWrapProof,

    /// <summary>Everything holds, and an honest relay may have signed it.</summary>
    ShowsNothing,

    /// <summary>The negotiation document that the entry names is not at hand. Not judged.</summary>
    NoDocument,

    /// <summary>The negotiation document cannot be read. Not judged.</summary>
    UnreadableDocument,

    /// <summary>A mediator's key is not at hand, and with it the entry might be as it has to be. Not judged.</summary>
    UnknownMediatorKey,

    /// <summary>The document has no such key of an addressee; it may be one of a session. Not judged.</summary>
    UnknownRecipientKey,
}
