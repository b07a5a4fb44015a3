using Relay.Protocol.Ledger;

namespace Relay.Client.Delegations;

/// <summary>What came of sending an acknowledgement. Closed.</summary>
public enum AcknowledgementReplyKind
{
    /// <summary>The relay has it in its ledger, and its receipt holds.</summary>
    Logged,

    /// <summary>The relay will never take it; the detail says why.</summary>
    Refused,

    /// <summary>The relay does not take it yet, or its receipt does not hold: this one later.</summary>
    NotYet,

    /// <summary>The relay does not answer now, or asks to wait: everything later.</summary>
    NotNow,
}

/// <summary>A relay's answer to an acknowledgement.</summary>
/// <param name="Kind">What came of it.</param>
/// <param name="Detail">What was expected and what came; empty when it was logged.</param>
public sealed record AcknowledgementReply(AcknowledgementReplyKind Kind, string Detail)
{
    /// <summary>The receipt, verified, when it was logged.</summary>
    public AcknowledgementReceipt? Receipt { get; init; }

    /// <summary>How long the relay asks to wait; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
