using Microsoft.Extensions.Logging;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Risk.Silence;

namespace Relay.Functions.Diagnostics;

/// <summary>Log lines of the function app, 1xxx.</summary>
internal static partial class FunctionsLog
{
    [LoggerMessage(1001, LogLevel.Error, "{Function} failed unexpectedly, invocation {InvocationId}")]
    public static partial void Unexpected(ILogger logger, string function, string invocationId, Exception exception);

    [LoggerMessage(1003, LogLevel.Error, "The ledger of {Negotiation} is damaged: {Problem}")]
    public static partial void LedgerDamaged(ILogger logger, string negotiation, string problem);

    [LoggerMessage(1009, LogLevel.Warning, "The risk signals of {Negotiation} cannot be told now and are with the next minute: {Problem}")]
    public static partial void SignalsNotTold(ILogger logger, string negotiation, string problem);

    [LoggerMessage(1010, LogLevel.Warning, "What this worker counted cannot be written now and is tried again; up to 15 minutes are kept")]
    public static partial void TalliesNotSaved(ILogger logger, Exception exception);

    [LoggerMessage(1011, LogLevel.Warning, "Stats cannot be read for those who look at them live, and are tried again")]
    public static partial void LiveNotRead(ILogger logger, Exception exception);

    [LoggerMessage(1021, LogLevel.Warning, "{Negotiation}: the {Kind} {Party} is silent since {Since:u}, laid to the {Cause}")]
    public static partial void Silent(
        ILogger logger, string negotiation, PartyKind kind, string party, DateTimeOffset since, SilenceCause cause);

    [LoggerMessage(1022, LogLevel.Information, "{Negotiation}: the {Kind} {Party} is back, after a silence since {Since:u}")]
    public static partial void Back(ILogger logger, string negotiation, PartyKind kind, string party, DateTimeOffset since);

    [LoggerMessage(1023, LogLevel.Warning, "Silences of {Negotiation} cannot be looked for now and are a minute later: {Problem}")]
    public static partial void SilencesNotSeen(ILogger logger, string negotiation, string problem);

    [LoggerMessage(1024, LogLevel.Error, "The watch for silences failed unexpectedly and goes on")]
    public static partial void SilenceFailed(ILogger logger, Exception exception);

    [LoggerMessage(1002, LogLevel.Debug, "{Function} was cancelled, invocation {InvocationId}")]
    public static partial void Cancelled(ILogger logger, string function, string invocationId);

    [LoggerMessage(1004, LogLevel.Error, "Message {SequenceNumber} of lane {Lane} failed unexpectedly and is given back")]
    public static partial void MessageFailed(ILogger logger, Lane lane, long sequenceNumber, Exception exception);

    [LoggerMessage(1005, LogLevel.Debug, "Message {SequenceNumber} of lane {Lane} was not done when the host stopped and is given back")]
    public static partial void Interrupted(ILogger logger, Lane lane, long sequenceNumber);

    [LoggerMessage(
        1006, LogLevel.Warning, "Message {SequenceNumber} of lane {Lane} is not settled and comes again: {Settlement} failed, {Problem}")]
    public static partial void NotSettled(ILogger logger, Lane lane, long sequenceNumber, SettlementAction settlement, string problem);

    [LoggerMessage(
        1007,
        LogLevel.Warning,
        "Message {SequenceNumber} of lane {Lane} is left to its lock and comes again: the lock ends at {LockedUntil:o}, it is {Now:o}")]
    public static partial void LockRanOut(ILogger logger, Lane lane, long sequenceNumber, DateTimeOffset lockedUntil, DateTimeOffset now);

    [LoggerMessage(EventId = 1008, Message = "Call {Operation} by {Caller}: {Decision} {Principal}")]
    public static partial void CallDecided(
        ILogger logger, LogLevel level, string operation, string caller, string decision, string principal);

    [LoggerMessage(1015, LogLevel.Error, "The operators' log is not as it was written; nothing is done with dead letters")]
    public static partial void OperatorLogDamaged(ILogger logger, Exception exception);

    [LoggerMessage(1016, LogLevel.Warning, "Dead letters cannot be seen or changed now")]
    public static partial void DeadLettersUnavailable(ILogger logger, Exception exception);
}
