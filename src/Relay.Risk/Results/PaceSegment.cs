namespace Relay.Risk.Results;

/// <summary>A stretch of even pace.</summary>
/// <param name="Since">Its first envelope.</param>
/// <param name="Gaps">How many gaps it has.</param>
/// <param name="TypicalGap">Geometric mean of them in seconds.</param>
public sealed record PaceSegment(DateTimeOffset Since, int Gaps, double TypicalGap);
