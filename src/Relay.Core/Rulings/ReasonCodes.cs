using Relay.Protocol.Envelopes;
using Relay.Protocol.Quorum;

namespace Relay.Core.Rulings;

/// <summary>
/// Reason codes of rulings: dead-letter reasons, the last part of a problem's <c>urn:relay:</c> type, and what operators search for. Once
/// published a code keeps its meaning; a code is never a peer's text.
/// </summary>
public static class ReasonCodes
{
    public const string Forwarded = "forwarded";
    public const string UnknownNegotiation = "unknown-negotiation";
    public const string SenderNotAMember = "sender-not-a-member";
    public const string AddresseeNotAMember = "addressee-not-a-member";
    public const string RouteForbidden = "route-forbidden";
    public const string DirectoryUnavailable = "directory-unavailable";
    public const string DirectoryInvalid = "directory-invalid";
    public const string MediatorRepeated = "mediator-repeated";
    public const string QuorumNotMet = "quorum-not-met";
    public const string Pending = "pending";
    public const string PendingFull = "pending-full";
    public const string NegotiationClosed = "negotiation-closed";
    public const string ReadOnly = "read-only";
    public const string Expired = "expired";
    public const string NotYetIssued = "not-yet-issued";
    public const string Embargoed = "embargoed";
    public const string Duplicate = "duplicate";
    public const string Held = "held";
    public const string Equivocation = "equivocation";
    public const string BrokenChain = "broken-chain";
    public const string ForkSeen = "fork-seen";
    public const string HoldFull = "hold-full";
    public const string RateLimited = "rate-limited";
    public const string LedgerUnavailable = "ledger-unavailable";
    public const string LedgerBacklog = "ledger-backlog";
    public const string LedgerDamaged = "ledger-damaged";
    public const string PolicyOutdated = "policy-outdated";
    public const string PolicyConflict = "policy-conflict";
    public const string TopicRefused = "topic-refused";
    public const string TopicUnavailable = "topic-unavailable";
    public const string QueueUnavailable = "queue-unavailable";
    public const string Unfinished = "unfinished";
    public const string Oversize = "oversize";
    public const string NotDataBody = "not-a-data-body";

    /// <summary>The one answer over HTTP to whatever is refused before a quorum is verified; no dead letter has it.</summary>
    public const string NotProved = "envelope-not-proved";

    /// <summary>Over HTTP, past what those may who have proved nothing; no dead letter has it.</summary>
    public const string TooManyUnproved = "too-many-unproved";

    /// <summary>The code of a reader's fault.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="EnvelopeFault.None"/>, which is no fault.</exception>
    public static string Of(EnvelopeFault fault) => fault switch
    {
        EnvelopeFault.None => throw new ArgumentOutOfRangeException(nameof(fault)),
        EnvelopeFault.Oversize => Oversize,
        EnvelopeFault.OversizeHead => "oversize-head",
        EnvelopeFault.NotJson => "not-json",
        EnvelopeFault.DuplicateMember => "duplicate-member",
        EnvelopeFault.TooComplex => "too-complex",
        EnvelopeFault.MissingMember => "missing-member",
        EnvelopeFault.UnknownMember => "unknown-member",
        EnvelopeFault.BadMember => "bad-member",
        EnvelopeFault.BadBase64Url => "bad-base64url",
        EnvelopeFault.SignatureCount => "signature-count",
        EnvelopeFault.BadHeader => "bad-header",
        EnvelopeFault.UnsupportedAlgorithm => "unsupported-algorithm",
        EnvelopeFault.WrongType => "wrong-type",
        EnvelopeFault.ForbiddenHeader => "forbidden-header",
        EnvelopeFault.BadKeyId => "bad-key-id",
        EnvelopeFault.BadId => "bad-id",
        EnvelopeFault.BadAudience => "bad-audience",
        EnvelopeFault.BadPrevious => "bad-previous",
        EnvelopeFault.BadTimes => "bad-times",
        EnvelopeFault.WrongContent => "wrong-content",
    };

    /// <summary>The code of a signature that did not count. A valid one that did not count repeats its mediator.</summary>
    public static string Of(SignatureOutcome outcome) => outcome switch
    {
        SignatureOutcome.Valid => MediatorRepeated,
        SignatureOutcome.UnknownMediator => "unknown-mediator",
        SignatureOutcome.UnknownKeyVersion => "unknown-key-version",
        SignatureOutcome.KeyDisabled => "key-disabled",
        SignatureOutcome.KeyCompromised => "key-compromised",
        SignatureOutcome.KeyUnavailable => "key-unavailable",
        SignatureOutcome.AlgorithmMismatch => "algorithm-mismatch",
        SignatureOutcome.BadSignature => "bad-signature",
    };
}
