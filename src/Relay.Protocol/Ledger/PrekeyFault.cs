namespace Relay.Protocol.Ledger;

/// <summary>Why a bundle of prekeys or a claim of them is none, in the order of the checks. Closed; each check has its own.</summary>
public enum PrekeyFault
{
    /// <summary>Every check held.</summary>
    None,

    /// <summary>More bytes than it may have.</summary>
    Oversize,

    /// <summary>Not a compact JWS: three parts of strict base64url, the last one 64 bytes.</summary>
    Malformed,

    /// <summary>The header is not exactly <c>alg</c> ES256, <c>kid</c> of an identity key and the <c>typ</c>.</summary>
    BadHeader,

    /// <summary>The payload is not one strict JSON object.</summary>
    NotJson,

    /// <summary>The payload has not exactly the members of this format.</summary>
    BadMembers,

    /// <summary>
    /// <c>negotiation</c>, <c>delegation</c> or <c>target</c> is no name, or the key that signed is another delegation's.
    /// </summary>
    BadName,

    /// <summary><c>number</c> is not a whole number from 1 to 2^53 - 1.</summary>
    BadNumber,

    /// <summary>A time is not in whole seconds, or the bundle ends before it begins or more than 14 days after.</summary>
    BadTime,

    /// <summary>A key is not exactly a P-256 point under the name it must have, or is there twice.</summary>
    BadKey,

    /// <summary>The ids of one-time keys are not consecutive, or there are more than 100.</summary>
    BadOneTime,

    /// <summary><c>envelopes</c> are not 1 to 100 distinct ids of one negotiation, all of the claimer's own.</summary>
    BadEnvelopes,

    /// <summary>It is of another negotiation than the document.</summary>
    OtherNegotiation,

    /// <summary>The document has no such identity key.</summary>
    UnknownKey,

    /// <summary>The signature does not verify.</summary>
    BadSignature,

    /// <summary>The claimer may not address the target by the document's routes.</summary>
    RouteForbidden,
}

/// <summary>Stable codes of <see cref="PrekeyFault"/>.</summary>
public static class PrekeyFaults
{
    /// <summary>The code.</summary>
    public static string Code(this PrekeyFault fault) => fault switch
    {
        PrekeyFault.None => "none",
        PrekeyFault.Oversize => "prekeys-oversize",
        PrekeyFault.Malformed => "prekeys-malformed",
        PrekeyFault.BadHeader => "prekeys-bad-header",
        PrekeyFault.NotJson => "prekeys-not-json",
        PrekeyFault.BadMembers => "prekeys-bad-members",
        PrekeyFault.BadName => "prekeys-bad-name",
        PrekeyFault.BadNumber => "prekeys-bad-number",
        PrekeyFault.BadTime => "prekeys-bad-time",
        PrekeyFault.BadKey => "prekeys-bad-key",
        PrekeyFault.BadOneTime => "prekeys-bad-one-time",
        PrekeyFault.BadEnvelopes => "prekeys-bad-envelopes",
        PrekeyFault.OtherNegotiation => "prekeys-other-negotiation",
        PrekeyFault.UnknownKey => "prekeys-unknown-key",
        PrekeyFault.BadSignature => "prekeys-bad-signature",
        PrekeyFault.RouteForbidden => "prekeys-route-forbidden",
    };
}
