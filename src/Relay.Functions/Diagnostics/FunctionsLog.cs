using Microsoft.Extensions.Logging;

namespace Relay.Functions.Diagnostics;

/// <summary>Log lines of the function app, 1xxx.</summary>
internal static partial class FunctionsLog
{
    [LoggerMessage(1001, LogLevel.Error, "{Function} failed unexpectedly, invocation {InvocationId}")]
    public static partial void Unexpected(ILogger logger, string function, string invocationId, Exception exception);

    [LoggerMessage(1003, LogLevel.Error, "The ledger of {Negotiation} is damaged: {Problem}")]
    public static partial void LedgerDamaged(ILogger logger, string negotiation, string problem);

    [LoggerMessage(1002, LogLevel.Debug, "{Function} was cancelled, invocation {InvocationId}")]
    public static partial void Cancelled(ILogger logger, string function, string invocationId);
}
