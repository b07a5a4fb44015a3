using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>Log lines of the ledger, 23xx. Names, numbers and reasons only.</summary>
internal static partial class LedgerLog
{
    [LoggerMessage(2301, LogLevel.Information, "Ledger {Negotiation}: begun")]
    public static partial void Begun(ILogger logger, string negotiation);

    [LoggerMessage(2302, LogLevel.Error, "Ledger {Negotiation} is damaged, its envelopes wait: {Problem}")]
    public static partial void Damaged(ILogger logger, string negotiation, string problem);

    [LoggerMessage(2303, LogLevel.Warning, "Ledger {Negotiation} cannot be committed to now: {Problem}")]
    public static partial void Unavailable(ILogger logger, string negotiation, string problem);

    [LoggerMessage(2304, LogLevel.Warning, "Ledger: blob {Name} was damaged and is healed")]
    public static partial void BlobHealed(ILogger logger, string name);

    [LoggerMessage(2305, LogLevel.Debug, "Ledger {Negotiation}: superseded blobs stay behind: {Problem}")]
    public static partial void LitterLeft(ILogger logger, string negotiation, string problem);

    [LoggerMessage(2306, LogLevel.Error, "Ledger {Negotiation}: {Problem}")]
    public static partial void PolicyConflict(ILogger logger, string negotiation, string problem);

    [LoggerMessage(2307, LogLevel.Warning, "Ledger {Negotiation}: {Kind} at {EnvelopeId}")]
    public static partial void Signal(ILogger logger, string negotiation, LedgerSignalKind kind, string envelopeId);

    [LoggerMessage(2308, LogLevel.Error, "Ledger {Negotiation}: its work failed unexpectedly")]
    public static partial void Unexpected(ILogger logger, string negotiation, Exception exception);

    [LoggerMessage(2309, LogLevel.Warning, "Ledger {Negotiation}: released entry {Index} is not forwarded yet: {Reason}")]
    public static partial void ReleaseWaits(ILogger logger, string negotiation, long index, string reason);

    [LoggerMessage(2310, LogLevel.Debug, "Ledger {Negotiation}: the signal about {EnvelopeId} was not sent: {Problem}")]
    public static partial void SignalLost(ILogger logger, string negotiation, string envelopeId, string problem);
}
