using Microsoft.Extensions.Logging;

namespace Relay.Azure.Diagnostics;

/// <summary>
/// Log lines of the adapters, 3xxx. An outage is an Error when it begins and Information when it ends, not once per envelope.
/// </summary>
internal static partial class AzureLog
{
    [LoggerMessage(3001, LogLevel.Error, "Key Vault: {Key} cannot be read ({Status} {Code}); its signatures count again when it can")]
    public static partial void KeyUnreadable(ILogger logger, string key, int status, string? code, Exception exception);

    [LoggerMessage(3002, LogLevel.Information, "Key Vault: {Key} can be read again")]
    public static partial void KeyReadable(ILogger logger, string key);

    [LoggerMessage(3003, LogLevel.Warning, "Key Vault: {Key} is of no use for envelopes: {Problem}")]
    public static partial void KeyUnsuitable(ILogger logger, string key, string problem);

    [LoggerMessage(3101, LogLevel.Error, "Directory: {Source} cannot be read")]
    public static partial void DirectoryUnreadable(ILogger logger, string source, Exception exception);

    [LoggerMessage(3102, LogLevel.Information, "Directory: {Source} can be read again")]
    public static partial void DirectoryReadable(ILogger logger, string source);

    [LoggerMessage(3201, LogLevel.Error, "Service Bus: {Entity} cannot take messages ({Reason})")]
    public static partial void EntityUnavailable(ILogger logger, string entity, string reason, Exception exception);

    [LoggerMessage(3202, LogLevel.Information, "Service Bus: {Entity} takes messages again")]
    public static partial void EntityAvailable(ILogger logger, string entity);

    [LoggerMessage(3203, LogLevel.Error, "Service Bus: {Entity} refused envelope {EnvelopeId} for good ({Reason})")]
    public static partial void EntityRefused(ILogger logger, string entity, string envelopeId, string reason, Exception exception);
}
