namespace Relay.Cli.Watching;

/// <summary>What was read in one round.</summary>
/// <param name="Negotiations">Each with its figures.</param>
/// <param name="Note">Of the relay as a whole, or why nothing is known of it; empty for none.</param>
internal sealed record TopFigures(IReadOnlyList<TopNegotiation> Negotiations, string Note = "");
