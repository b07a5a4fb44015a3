namespace Relay.DeadLetters;

/// <summary>Somebody else acts on dead letters at this moment: the log has an entry that was not there before.</summary>
internal sealed class OperatorLogBusyException()
    : Exception("somebody else acts on dead letters at this moment: the log has an entry that was not there before");
