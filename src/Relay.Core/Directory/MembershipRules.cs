using Relay.Core.Diagnostics;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Directory;

/// <summary>Step 2, second half: may this sender address these delegations? A pure function of envelope and document.</summary>
internal static class MembershipRules
{
    /// <returns>Null when it may, else why not.</returns>
    public static Ruling? Check(EnvelopeHead head, NegotiationDocument document)
    {
        var sender = head.Id.Sender;
        if (!document.Delegations.ContainsKey(sender))
        {
            return new(
                Verdict.NotAMember,
                ReasonCodes.SenderNotAMember,
                $"expected a delegation of '{document.Negotiation}' as sender, got {PeerText.Quote(sender)}");
        }

        foreach (var addressee in head.Audience)
        {
            if (!document.Delegations.ContainsKey(addressee))
            {
                return new(
                    Verdict.NotAMember,
                    ReasonCodes.AddresseeNotAMember,
                    $"expected delegations of '{document.Negotiation}' in aud, got {PeerText.Quote(addressee)}");
            }
        }

        foreach (var addressee in head.Audience)
        {
            if (!document.MayAddress(sender, addressee))
            {
                return new(
                    Verdict.RouteForbidden,
                    ReasonCodes.RouteForbidden,
                    $"expected a route of '{document.Negotiation}' from '{sender}' to each addressee, got none to '{addressee}'");
            }
        }

        return null;
    }
}
