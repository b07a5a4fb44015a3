using Relay.Core.Ledger.State;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Ledger.Rules;

/// <summary>An acknowledgement whose signature holds, and that asks to be logged. Immutable.</summary>
/// <param name="Acknowledgement">What a delegation has signed.</param>
/// <param name="Policy">The negotiation document whose identity key has signed it.</param>
/// <param name="Document">Bytes of that document, which the ledger keeps with the entry that puts it in force.</param>
public sealed record AcknowledgementCandidate(Acknowledgement Acknowledgement, PolicyState Policy, ReadOnlyMemory<byte> Document)
{
    /// <summary>Takes what the commit needs.</summary>
    public static AcknowledgementCandidate Of(Acknowledgement acknowledgement, NegotiationDocument document)
    {
        ArgumentNullException.ThrowIfNull(acknowledgement);
        ArgumentNullException.ThrowIfNull(document);
        return new(acknowledgement, new PolicyState(document.Version, document.PolicyDigest), document.Bytes);
    }
}
