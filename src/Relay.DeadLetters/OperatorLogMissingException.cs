namespace Relay.DeadLetters;

/// <summary>There is no place for the operators' log, so nothing may be done.</summary>
/// <param name="message">What was expected.</param>
public sealed class OperatorLogMissingException(string message) : Exception(message);
