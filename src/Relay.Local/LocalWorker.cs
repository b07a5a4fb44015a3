using Microsoft.Extensions.Logging;

namespace Relay.Local;

/// <summary>The function app as it runs on this machine: the built worker, and the settings that any local one needs.</summary>
public static class LocalWorker
{
    /// <summary>Where the build puts the function app: <c>worker/</c> beside what runs.</summary>
    public static string DefaultFolder { get; } = Path.Combine(AppContext.BaseDirectory, "worker");

    /// <summary>App settings of a worker whose host is its front end, and which has the given identity.</summary>
    /// <param name="loggers">Where the worker's logs will go: what nobody there wants, it need not send.</param>
    public static IReadOnlyDictionary<string, string?> Settings(LocalIdentity identity, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(loggers);
        return new Dictionary<string, string?>
        {
            // As deployed: the platform's identity, found by the connection's settings.
            ["ServiceBus:credential"] = "managedidentity",
            [LocalIdentity.EndpointVariable] = identity.Endpoint.AbsoluteUri,
            [LocalIdentity.HeaderVariable] = identity.Secret,

            // The host ends TLS and writes the client's certificate into a header,
            // as App Service does; it takes what a caller wrote there away.
            ["WEBSITE_SITE_NAME"] = "relay-local",
            ["WEBSITE_INSTANCE_ID"] = "0",
            ["Relay:Callers:FrontEndCertificates"] = "true",

            // A machine that is busy with the stack itself answers late without anything being down; what is gone refuses at once.
            ["Relay:Health:ProbeTimeout"] = "00:00:10",
            ["Logging:LogLevel:Default"] = LeastWanted(loggers.CreateLogger("Relay")).ToString(),
            ["Logging:LogLevel:Microsoft.AspNetCore"] = nameof(LogLevel.Warning),

            // The framework looks for data-protection keys at start, below a home that cannot be made: nothing here is protected with them.
            ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = nameof(LogLevel.None),
        };
    }

    private static LogLevel LeastWanted(ILogger logger)
    {
        for (var level = LogLevel.Debug; level < LogLevel.None; level++)
        {
            if (logger.IsEnabled(level)) return level;
        }

        return LogLevel.None;
    }
}
