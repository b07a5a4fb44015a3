using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Rules;

/// <summary>What a decision says about one acknowledgement.</summary>
/// <param name="Verdict">What was decided.</param>
/// <param name="Index">Ledger index of the entry that it is now, or was before; -1 when it is none.</param>
/// <param name="Detail">What was expected and what came; empty for one that is an entry.</param>
public readonly record struct AcknowledgementRuling(AcknowledgementVerdict Verdict, long Index, string Detail)
{
    internal static AcknowledgementRuling Stop(AcknowledgementVerdict verdict, string detail) => new(verdict, -1, detail);
}
