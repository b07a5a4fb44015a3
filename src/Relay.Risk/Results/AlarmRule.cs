namespace Relay.Risk.Results;

/// <summary>What an alarm means, of each sender.</summary>
/// <param name="Reference">k of the CUSUM, in deviations.</param>
/// <param name="Threshold">h of the CUSUM, in deviations.</param>
/// <param name="WarmUp">Gaps without any alarm at the beginning and after each one.</param>
/// <param name="GapsBetweenFalseAlarms">Mean number of gaps between alarms of a pace that does not change.</param>
/// <param name="GapsToAlarm">Mean number of gaps until an alarm after a change by one deviation of the gaps' order.</param>
public sealed record AlarmRule(double Reference, double Threshold, int WarmUp, double GapsBetweenFalseAlarms, double GapsToAlarm);
