namespace Relay.Protocol.Ledger;

/// <summary>Why an acknowledgement is none, in the order of the checks. Closed; each check has its own.</summary>
public enum AcknowledgementFault
{
    /// <summary>Every check held.</summary>
    None,

    /// <summary>More than <see cref="Acknowledgement.MaxBytes"/>.</summary>
    Oversize,

    /// <summary>Not a compact JWS: three parts of strict base64url, the last one 64 bytes.</summary>
    Malformed,

    /// <summary>The header is not exactly <c>alg</c> ES256, <c>kid</c> of an identity key and <c>typ</c> relay-acknowledgement.</summary>
    BadHeader,

    /// <summary>The payload is not one strict JSON object.</summary>
    NotJson,

    /// <summary>The payload has a member that this format does not know.</summary>
    UnknownMember,

    /// <summary>A member of the payload is missing.</summary>
    MissingMember,

    /// <summary><c>jti</c> is not an envelope id.</summary>
    BadId,

    /// <summary><c>digest</c> is not 32 bytes of base64url.</summary>
    BadDigest,

    /// <summary><c>state</c> is neither opened nor refused.</summary>
    BadState,

    /// <summary><c>reason</c> is there without a refusal, is missing with one, or is not a code.</summary>
    BadReason,

    /// <summary><c>iat</c> is not a time in whole seconds.</summary>
    BadTime,

    /// <summary>The envelope is of another negotiation than the document.</summary>
    OtherNegotiation,

    /// <summary>The document has no such identity key.</summary>
    UnknownKey,

    /// <summary>The signature does not verify.</summary>
    BadSignature,

    /// <summary>The envelope at hand has another id.</summary>
    OtherEnvelope,

    /// <summary>The envelope at hand has this id and another digest.</summary>
    OtherContent,

    /// <summary>The delegation is none of the envelope's addressees.</summary>
    NotAddressed,
}

/// <summary>Stable codes of <see cref="AcknowledgementFault"/>.</summary>
public static class AcknowledgementFaults
{
    /// <summary>The code.</summary>
    public static string Code(this AcknowledgementFault fault) => fault switch
    {
        AcknowledgementFault.None => "none",
        AcknowledgementFault.Oversize => "acknowledgement-oversize",
        AcknowledgementFault.Malformed => "acknowledgement-malformed",
        AcknowledgementFault.BadHeader => "acknowledgement-bad-header",
        AcknowledgementFault.NotJson => "acknowledgement-not-json",
        AcknowledgementFault.UnknownMember => "acknowledgement-unknown-member",
        AcknowledgementFault.MissingMember => "acknowledgement-missing-member",
        AcknowledgementFault.BadId => "acknowledgement-bad-id",
        AcknowledgementFault.BadDigest => "acknowledgement-bad-digest",
        AcknowledgementFault.BadState => "acknowledgement-bad-state",
        AcknowledgementFault.BadReason => "acknowledgement-bad-reason",
        AcknowledgementFault.BadTime => "acknowledgement-bad-time",
        AcknowledgementFault.OtherNegotiation => "acknowledgement-other-negotiation",
        AcknowledgementFault.UnknownKey => "acknowledgement-unknown-key",
        AcknowledgementFault.BadSignature => "acknowledgement-bad-signature",
        AcknowledgementFault.OtherEnvelope => "acknowledgement-other-envelope",
        AcknowledgementFault.OtherContent => "acknowledgement-other-content",
        AcknowledgementFault.NotAddressed => "acknowledgement-not-addressed",
    };
}
