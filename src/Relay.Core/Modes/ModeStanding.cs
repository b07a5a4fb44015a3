using Relay.Protocol.Negotiations;

namespace Relay.Core.Modes;

/// <summary>The mode of a negotiation, and who says so. Immutable.</summary>
/// <param name="Operator">What an operator has put in force, by the ledger's newest mode entry; open before the first.</param>
/// <param name="Document">What the directory's document says.</param>
public sealed record ModeStanding(NegotiationMode Operator, NegotiationMode Document)
{
    /// <summary>The one that holds: the stricter of the two.</summary>
    public NegotiationMode Mode => (NegotiationMode)Math.Max((int)Operator, (int)Document);
}
