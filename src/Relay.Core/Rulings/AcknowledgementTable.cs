namespace Relay.Core.Rulings;

/// <summary>The one table from an acknowledgement's verdict to its HTTP status, reason code and metric tag. No default arm.</summary>
public static class AcknowledgementTable
{
    public static AcknowledgementRow For(AcknowledgementVerdict verdict) => verdict switch
    {
        AcknowledgementVerdict.Logged => new(201, "acknowledged", "logged"),
        AcknowledgementVerdict.Repeated => new(201, "acknowledged-before", "repeated"),
        AcknowledgementVerdict.Oversize => new(413, ReasonCodes.Oversize, "oversize"),
        AcknowledgementVerdict.Malformed => new(400, "malformed-acknowledgement", "malformed"),
        AcknowledgementVerdict.NotProved => new(403, "acknowledgement-not-proved", "not_proved"),
        AcknowledgementVerdict.NotYetIssued => new(422, ReasonCodes.NotYetIssued, "not_yet_issued"),
        AcknowledgementVerdict.UnknownEnvelope => new(404, "envelope-not-found", "unknown_envelope"),
        AcknowledgementVerdict.NotAddressed => new(403, "not-addressed", "not_addressed"),
        AcknowledgementVerdict.OtherState => new(409, "acknowledged-otherwise", "other_state"),
        AcknowledgementVerdict.TooMany => new(429, "too-many-acknowledgements", "too_many"),
        AcknowledgementVerdict.ReadOnly => new(503, ReasonCodes.ReadOnly, "read_only"),
        AcknowledgementVerdict.DirectoryUnavailable => new(503, ReasonCodes.DirectoryUnavailable, "directory_unavailable"),
        AcknowledgementVerdict.LedgerUnavailable => new(503, ReasonCodes.LedgerUnavailable, "ledger_unavailable"),
        AcknowledgementVerdict.LedgerDamaged => new(503, ReasonCodes.LedgerDamaged, "ledger_damaged"),
    };
}

/// <summary>One row of <see cref="AcknowledgementTable"/>.</summary>
/// <param name="HttpStatus">Status of the answer.</param>
/// <param name="Reason">Last part of the problem's <c>urn:relay:</c> type.</param>
/// <param name="Tag">Value of the metric tag <c>relay.verdict</c>; unique.</param>
public readonly record struct AcknowledgementRow(int HttpStatus, string Reason, string Tag);
