using System.Globalization;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Admission;

/// <summary>Step 4: may this envelope go on now? A pure function of the document's mode, the envelope's times and the clock.</summary>
/// <remarks>Boundaries follow RFC 7519 section 4.1: at <c>exp</c> it is too late, at <c>nbf</c> it is time.</remarks>
internal static class AdmissionRules
{
    /// <returns>Null when it may, else why not.</returns>
    public static Ruling? Check(EnvelopeHead head, NegotiationDocument document, DateTimeOffset now) =>
        CheckMode(document.Mode, document.Negotiation) ?? CheckTimes(head, now);

    /// <returns>Null when the times allow it now, else why not.</returns>
    public static Ruling? CheckTimes(EnvelopeHead head, DateTimeOffset now)
    {
        if (now >= head.ExpiresAt) return Expired(head, now);
        if (head.IssuedAt - now > EnvelopeLimits.MaxClockSkew)
        {
            return new(
                Verdict.NotYetIssued,
                ReasonCodes.NotYetIssued,
                Sentence(
                    $"expected iat at most {EnvelopeLimits.MaxClockSkew.TotalSeconds:0} s ahead of {now:u}, got {head.IssuedAt:u}"));
        }

        if (head.NotBefore is { } notBefore && now < notBefore)
        {
            return new(
                Verdict.Embargoed,
                ReasonCodes.Embargoed,
                Sentence($"expected delivery from {notBefore:u}, got {now:u}"))
            { Until = notBefore };
        }

        return null;
    }

    /// <summary>The ruling on an envelope whose <c>exp</c> has come.</summary>
    public static Ruling Expired(EnvelopeHead head, DateTimeOffset now) =>
        new(Verdict.Expired, ReasonCodes.Expired, Sentence($"expected exp after {now:u}, got {head.ExpiresAt:u}"));

    /// <summary>May a negotiation in this mode, whether its document or an operator says so, take envelopes now?</summary>
    /// <returns>Null when it may, else why not.</returns>
    public static Ruling? CheckMode(NegotiationMode mode, string negotiation) => mode switch
    {
        NegotiationMode.Open => null,
        NegotiationMode.ReadOnly => new(
            Verdict.ReadOnly, ReasonCodes.ReadOnly, $"expected negotiation '{negotiation}' in mode open, got read-only"),
        NegotiationMode.Closed => new(
            Verdict.NegotiationClosed,
            ReasonCodes.NegotiationClosed,
            $"expected negotiation '{negotiation}' in mode open, got closed"),
    };

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
