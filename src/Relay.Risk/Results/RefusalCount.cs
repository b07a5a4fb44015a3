namespace Relay.Risk.Results;

/// <summary>How often a reason was given.</summary>
/// <param name="Reason">The delegation's word.</param>
/// <param name="Count">How often.</param>
public sealed record RefusalCount(string Reason, int Count);
