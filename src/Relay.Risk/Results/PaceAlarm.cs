namespace Relay.Risk.Results;

/// <summary>A delegation's pace has changed.</summary>
/// <param name="Sender">Whose.</param>
/// <param name="Pace">How.</param>
/// <param name="Index">Index of the entry that raised it.</param>
/// <param name="At">When that was accepted.</param>
/// <param name="Began">Estimate of when the change was: the first envelope that counted towards it.</param>
public sealed record PaceAlarm(string Sender, PaceChange Pace, long Index, DateTimeOffset At, DateTimeOffset Began);
