using Relay.Core.Rulings;

namespace Relay.Core.Modes;

/// <summary>What became of a look at a mode, or of its change. Immutable.</summary>
/// <param name="Verdict">What became of it; unchanged for a look.</param>
/// <param name="Standing">The mode afterwards; null when it is not known.</param>
/// <param name="Index">Ledger index of the entry of this change; null when there is none.</param>
/// <param name="Detail">What was expected and what came; empty when the mode is known.</param>
public sealed record ModeOutcome(ModeVerdict Verdict, ModeStanding? Standing, long? Index, string Detail)
{
    internal static ModeOutcome Failed(ModeVerdict verdict, string detail) => new(verdict, null, null, detail);
}
