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
    public static Ruling? Check(EnvelopePayload payload, NegotiationDocument document, DateTimeOffset now) =>
        CheckMode(document) ?? CheckTimes(payload, now);

    /// <returns>Null when the times allow it now, else why not.</returns>
    public static Ruling? CheckTimes(EnvelopePayload payload, DateTimeOffset now)
    {
        if (now >= payload.ExpiresAt) return Expired(payload, now);
        if (payload.IssuedAt - now > EnvelopeLimits.MaxClockSkew)
        {
            return new(
                Verdict.NotYetIssued,
                ReasonCodes.NotYetIssued,
                Sentence(
                    $"expected iat at most {EnvelopeLimits.MaxClockSkew.TotalSeconds:0} s ahead of {now:u}, got {payload.IssuedAt:u}"));
        }

        if (payload.NotBefore is { } notBefore && now < notBefore)
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
    public static Ruling Expired(EnvelopePayload payload, DateTimeOffset now) =>
        new(Verdict.Expired, ReasonCodes.Expired, Sentence($"expected exp after {now:u}, got {payload.ExpiresAt:u}"));

    private static Ruling? CheckMode(NegotiationDocument document) => document.Mode switch
    {
        NegotiationMode.Open => null,
        NegotiationMode.ReadOnly => new(
            Verdict.ReadOnly, ReasonCodes.ReadOnly, $"expected negotiation '{document.Negotiation}' in mode open, got read-only"),
        NegotiationMode.Closed => new(
            Verdict.NegotiationClosed,
            ReasonCodes.NegotiationClosed,
            $"expected negotiation '{document.Negotiation}' in mode open, got closed"),
    };

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
