using Microsoft.Extensions.Logging;

namespace Relay.Core.Health;

/// <summary>Log lines of health, 26xx.</summary>
internal static partial class HealthLog
{
    [LoggerMessage(2601, LogLevel.Error, "Health: the {Dependency} is down; nothing is taken over HTTP until it is back")]
    public static partial void DependencyDown(ILogger logger, Dependency dependency);

    [LoggerMessage(2602, LogLevel.Information, "Health: the {Dependency} is back")]
    public static partial void DependencyBack(ILogger logger, Dependency dependency);

    [LoggerMessage(2603, LogLevel.Error, "Health: the probe of the {Dependency} threw what it does not expect; it counts as failed")]
    public static partial void ProbeThrew(ILogger logger, Exception exception, Dependency dependency);
}
