namespace Relay.Core.Rulings;

/// <summary>The one table from the verdict on a bundle or a claim to its HTTP status, reason code and metric tag. No default arm.</summary>
public static class PrekeyTable
{
    public static PrekeyRow For(PrekeyVerdict verdict) => verdict switch
    {
        PrekeyVerdict.Published => new(201, "prekeys-published", "published"),
        PrekeyVerdict.PublishedBefore => new(200, "prekeys-published-before", "published_before"),
        PrekeyVerdict.Claimed => new(200, "prekeys-claimed", "claimed"),
        PrekeyVerdict.ClaimedBefore => new(200, "prekeys-claimed-before", "claimed_before"),
        PrekeyVerdict.Oversize => new(413, ReasonCodes.Oversize, "oversize"),
        PrekeyVerdict.Malformed => new(400, "malformed-prekeys", "malformed"),
        PrekeyVerdict.NotProved => new(403, "prekeys-not-proved", "not_proved"),
        PrekeyVerdict.OtherResource => new(403, "prekeys-of-another", "other_resource"),
        PrekeyVerdict.RouteForbidden => new(403, ReasonCodes.RouteForbidden, "route_forbidden"),
        PrekeyVerdict.NotYetIssued => new(422, ReasonCodes.NotYetIssued, "not_yet_issued"),
        PrekeyVerdict.TooOld => new(422, "prekeys-too-old", "too_old"),
        PrekeyVerdict.OlderNumber => new(409, "prekeys-older-number", "older_number"),
        PrekeyVerdict.KeysComeBack => new(409, "prekeys-come-back", "keys_come_back"),
        PrekeyVerdict.NoBundle => new(404, "prekeys-not-found", "no_bundle"),
        PrekeyVerdict.OverShare => new(409, "prekeys-share-spent", "over_share"),
        PrekeyVerdict.TooMany => new(429, "too-many-prekey-calls", "too_many"),
        PrekeyVerdict.ReadOnly => new(503, ReasonCodes.ReadOnly, "read_only"),
        PrekeyVerdict.Closed => new(403, ReasonCodes.NegotiationClosed, "closed"),
        PrekeyVerdict.DirectoryUnavailable => new(503, ReasonCodes.DirectoryUnavailable, "directory_unavailable"),
        PrekeyVerdict.LedgerUnavailable => new(503, ReasonCodes.LedgerUnavailable, "ledger_unavailable"),
        PrekeyVerdict.LedgerDamaged => new(503, ReasonCodes.LedgerDamaged, "ledger_damaged"),
    };
}

/// <summary>One row of <see cref="PrekeyTable"/>.</summary>
/// <param name="HttpStatus">Status of the answer.</param>
/// <param name="Reason">Last part of the problem's <c>urn:relay:</c> type.</param>
/// <param name="Tag">Value of the metric tag <c>relay.verdict</c>; unique.</param>
public readonly record struct PrekeyRow(int HttpStatus, string Reason, string Tag);
