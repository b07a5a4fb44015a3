namespace Relay.Protocol.Sealing;

/// <summary>Why an envelope's content does not open. Closed; each check has its own.</summary>
public enum SealingFault
{
    /// <summary>It opened and every check held.</summary>
    None,

    /// <summary>The content is not a JWE in JSON serialization as this format has it.</summary>
    Malformed,

    /// <summary><c>alg</c> or <c>enc</c> is not one of the format's.</summary>
    UnsupportedAlgorithm,

    /// <summary><c>aad</c> is not this envelope's id: the content belongs to another envelope.</summary>
    WrongEnvelope,

    /// <summary>No recipient entry names a key that is held here.</summary>
    NoMatchingKey,

    /// <summary>
    /// The recipient entry that names a key held here has an <c>alg</c> that is none for a key of its kind: no key is used with another
    /// algorithm than its own.
    /// </summary>
    AlgorithmMismatch,

    /// <summary>The ephemeral key is not a point on P-256, or the encapsulated secret does not end in one or has another size.</summary>
    BadEphemeralKey,

    /// <summary>The content key does not unwrap.</summary>
    KeyUnwrapFailed,

    /// <summary>The authentication tag does not fit.</summary>
    DecryptionFailed,

    /// <summary>
    /// The content key unwraps, and the ciphertext is not under it. Only who made the content can wrap so
    /// that this addressee cannot open what others can: under a head whose quorum holds, that is the sender.
    /// </summary>
    WrongContentKey,

    /// <summary>The plaintext is not opening, statement, body and zeros up to a Padmé size.</summary>
    BadPadding,

    /// <summary>
    /// What was decrypted is not what <c>com</c> commits to. The sender made a
    /// ciphertext that opens to another text for others, or for nobody.
    /// </summary>
    BrokenCommitment,

    /// <summary>The statement is not a compact JWS with the format's header and a detached payload.</summary>
    BadStatement,

    /// <summary>The statement's <c>jti</c> is not this envelope's id.</summary>
    StatementForOtherEnvelope,

    /// <summary>The statement's <c>aud</c> is not this envelope's.</summary>
    StatementForOtherAudience,

    /// <summary>The statement's <c>kid</c> is no identity key of the sender.</summary>
    UnknownSigner,

    /// <summary>The statement's signature does not verify.</summary>
    BadStatementSignature,
}
