namespace Relay.DeadLetters;

/// <summary>The operators' log is not as it was written: somebody or something has changed it.</summary>
internal sealed class OperatorLogException(string message) : Exception(message);
