namespace Relay.Protocol.Envelopes;

/// <summary>Why bytes are not an envelope. Closed: every reader has a row for each.</summary>
public enum EnvelopeFault
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>More bytes than <see cref="EnvelopeLimits.MaxWireBytes"/>.</summary>
    Oversize,

    /// <summary>
    /// A head of more bytes than <see cref="EnvelopeLimits.MaxHeadBytes"/>, or with
    /// its signatures of more than <see cref="EnvelopeLimits.MaxSignedBytes"/>.
    /// </summary>
    OversizeHead,

    /// <summary>Not UTF-8 JSON, or a byte order mark, or bytes after the end.</summary>
    NotJson,

    /// <summary>A member name occurs twice in one object.</summary>
    DuplicateMember,

    /// <summary>Nested deeper than <see cref="EnvelopeLimits.MaxDepth"/>, or too many members in one object.</summary>
    TooComplex,

    /// <summary>A required member is absent.</summary>
    MissingMember,

    /// <summary>A member that the format does not know, inside something signed.</summary>
    UnknownMember,

    /// <summary>A member has the wrong JSON type or a value outside its rule.</summary>
    BadMember,

    /// <summary>Text that must be base64url without padding is not.</summary>
    BadBase64Url,

    /// <summary>No signature, or more than <see cref="EnvelopeLimits.MaxSignatures"/>.</summary>
    SignatureCount,

    /// <summary>A protected header is over <see cref="EnvelopeLimits.MaxHeaderBytes"/>, unreadable, or breaks a header rule.</summary>
    BadHeader,

    /// <summary><c>alg</c> is not one of ES256, ES384, ES512, PS256, PS384, PS512; <c>none</c> among them.</summary>
    UnsupportedAlgorithm,

    /// <summary><c>typ</c> is not <c>relay-envelope</c>.</summary>
    WrongType,

    /// <summary><c>crit</c>, <c>jwk</c>, <c>jku</c>, <c>x5u</c>, <c>x5c</c>, <c>b64</c> or an unprotected header is present.</summary>
    ForbiddenHeader,

    /// <summary><c>kid</c> is not a full Key Vault key identifier with a version.</summary>
    BadKeyId,

    /// <summary><c>jti</c> is not an envelope id.</summary>
    BadId,

    /// <summary><c>aud</c> is not 1 to 64 distinct names without the sender.</summary>
    BadAudience,

    /// <summary><c>prev</c> is not a digest, or is present on sequence 1, or absent on a later one.</summary>
    BadPrevious,

    /// <summary><c>iat</c>, <c>nbf</c>, <c>exp</c> are not NumericDate integers in order, or span more than 30 days.</summary>
    BadTimes,

    /// <summary>The content beside the head is not the one that the head names by its hash.</summary>
    WrongContent,
}
