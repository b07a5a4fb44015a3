using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Ledger.Rules;

/// <summary>An operator's change of mode that asks to be logged. Immutable.</summary>
/// <param name="Mode">The mode.</param>
/// <param name="Policy">The negotiation's document, which a ledger begins with.</param>
/// <param name="Document">Bytes of that document.</param>
public sealed record ModeCandidate(NegotiationMode Mode, PolicyState Policy, ReadOnlyMemory<byte> Document)
{
    /// <summary>Takes what the commit needs.</summary>
    public static ModeCandidate Of(NegotiationMode mode, NegotiationDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new(mode, new PolicyState(document.Version, document.PolicyDigest), document.Bytes);
    }
}

/// <summary>What a decision says about a change of mode.</summary>
/// <param name="Verdict">What was decided.</param>
/// <param name="Index">Ledger index of the entry; -1 when there is none of this commit.</param>
/// <param name="Detail">What was expected and what came; empty when the mode is in force.</param>
public readonly record struct ModeRuling(ModeVerdict Verdict, long Index, string Detail);
