using Relay.Protocol.Envelopes;
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
}
