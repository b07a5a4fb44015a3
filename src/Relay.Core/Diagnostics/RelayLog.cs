using Microsoft.Extensions.Logging;
using Relay.Core.Rulings;

namespace Relay.Core.Diagnostics;

/// <summary>Log lines of the core, 2xxx. Envelope ids and reasons only; never bodies, keys or signatures.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(EventId = 2001, Message = "Envelope {EnvelopeId}: {Verdict} ({Reason}) {Description}")]
    public static partial void Ruled(ILogger logger, LogLevel level, string envelopeId, Verdict verdict, string reason, string description);

    [LoggerMessage(2101, LogLevel.Information, "Directory: using version {Version} of negotiation {Negotiation}")]
    public static partial void DirectoryDocumentRead(ILogger logger, string negotiation, long version);

    [LoggerMessage(
        2102, LogLevel.Error, "Directory: the document of negotiation {Negotiation} may not be used, its envelopes wait: {Problem}")]
    public static partial void DirectoryDocumentInvalid(ILogger logger, string negotiation, string problem);

    [LoggerMessage(2201, LogLevel.Information, "Checkpoint key certified by {VaultKey} until {ExpiresAt:u}")]
    public static partial void CheckpointKeyCertified(ILogger logger, string vaultKey, DateTimeOffset expiresAt);

    [LoggerMessage(2202, LogLevel.Error, "The vault does not certify a checkpoint key; commits stop when the last one ends")]
    public static partial void CheckpointKeyNotCertified(ILogger logger);

    [LoggerMessage(2501, LogLevel.Warning, "What waits for more signatures cannot be seen to now: {Problem}")]
    public static partial void PendingNotSwept(ILogger logger, string problem);

    [LoggerMessage(2502, LogLevel.Error, "What waited for more signatures is damaged, its mediators have to submit again: {Name}")]
    public static partial void PendingDamaged(ILogger logger, string name);

    [LoggerMessage(2702, LogLevel.Error, "What a worker counted is damaged and left out of every sum: {Name}")]
    public static partial void TallyDamaged(ILogger logger, string name);

    [LoggerMessage(2703, LogLevel.Warning, "What was counted cannot be added up now: {Problem}")]
    public static partial void TalliesNotFolded(ILogger logger, string problem);

    [LoggerMessage(2401, LogLevel.Error, "Envelope {EnvelopeId}, kept until its turn, failed; its copy on the queue comes again")]
    public static partial void EarlyFailed(ILogger logger, string envelopeId, Exception exception);
}
