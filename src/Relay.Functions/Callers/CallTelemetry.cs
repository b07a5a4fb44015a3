using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Relay.Core.Diagnostics;
using Relay.Functions.Diagnostics;

namespace Relay.Functions.Callers;

/// <summary>
/// Notes every decision about a call: a log line without anything that proves a caller, and the counter <c>relay.calls</c> ({call}) of
/// the relay's meter, by operation, caller and decision. Tags come from the app's own names only.
/// </summary>
public sealed class CallTelemetry
{
    private readonly Counter<long> _calls;
    private readonly ILogger<CallTelemetry> _logger;

    public CallTelemetry(IMeterFactory meters, ILogger<CallTelemetry> logger)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _calls = meters.Create(RelayTelemetry.Name).CreateCounter<long>(
            "relay.calls", unit: "{call}", description: "Calls over HTTP, by what was decided before they reached their function.");
        _logger = logger;
    }

    /// <summary>Notes it.</summary>
    /// <param name="operation">Method and function, e.g. <c>GET ReadTile</c>.</param>
    /// <param name="decision">What was decided.</param>
    public void Decided(string operation, in CallDecision decision)
    {
        var caller = CallTable.TagOf(decision.Caller);
        var reason = CallTable.For(decision.Verdict).Reason;
        _calls.Add(
            1,
            new KeyValuePair<string, object?>("relay.operation", operation),
            new KeyValuePair<string, object?>("relay.caller", caller),
            new KeyValuePair<string, object?>("relay.decision", reason));
        if (_logger.IsEnabled(LevelOf(decision)))
        {
            FunctionsLog.CallDecided(_logger, LevelOf(decision), operation, caller, reason, decision.Principal);
        }
    }

    // What operators do is few and is kept; what strangers do may be any number and is for whoever looks. A function that lets
    // nobody in, and keys of an authority that cannot be read, are for the operator to mend.
    private static LogLevel LevelOf(in CallDecision decision) => decision.Verdict switch
    {
        CallVerdict.Allowed => decision.Principal.Length > 0 ? LogLevel.Information : LogLevel.Debug,
        CallVerdict.Undeclared => LogLevel.Error,
        CallVerdict.CallerUnavailable or CallVerdict.DirectoryUnavailable => LogLevel.Warning,
        CallVerdict.NotAnOperator or CallVerdict.NotACaller => LogLevel.Information,
        CallVerdict.Unauthenticated or CallVerdict.NoSuchName => LogLevel.Debug,
    };
}
