using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// A head with the signatures that counted, and the document under which they did: with that document and the mediators' public keys
/// anyone judges again what the relay judged.
/// </summary>
/// <param name="Policy">Digest of the negotiation document.</param>
/// <param name="Signed">The head with the signatures that counted, by mediator name.</param>
public sealed record JudgedHead(Digest Policy, SignedHead Signed)
{
    /// <summary>What was signed.</summary>
    public EnvelopeHead Head => Signed.Head;

    /// <summary>Whether the document allows the envelope: one of its negotiation, for whom its sender may address.</summary>
    /// <param name="document">The document.</param>
    /// <param name="detail">What was expected and what came; empty when true.</param>
    public bool IsAllowedBy(NegotiationDocument document, out string detail)
    {
        ArgumentNullException.ThrowIfNull(document);
        var id = Head.Id;
        detail = "";
        if (document.Negotiation != id.Negotiation)
        {
            detail = $"expected an envelope of {document.Negotiation}, its document's negotiation, got {id}";
            return false;
        }
        if (Head.Audience.FirstOrDefault(name => !document.MayAddress(id.Sender, name)) is not { } stranger) return true;
        detail = $"expected addressees that {id.Sender} may address, {id} was accepted for {stranger}";
        return false;
    }
}
