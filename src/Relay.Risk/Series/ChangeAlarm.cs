namespace Relay.Risk.Series;

/// <summary>A change that <see cref="ChangeDetector"/> has seen.</summary>
/// <param name="At">Index of the value that raised it, from 0.</param>
/// <param name="Began">Index of the first value after the change, as the sum tells it: where it last left 0. An estimate.</param>
/// <param name="Direction">Which way.</param>
public readonly record struct ChangeAlarm(int At, int Began, ChangeDirection Direction);
