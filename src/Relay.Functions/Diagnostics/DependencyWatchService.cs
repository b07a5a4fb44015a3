using Microsoft.Extensions.Hosting;
using Relay.Core.Health;

namespace Relay.Functions.Diagnostics;

/// <summary>Runs the watch over dependencies for as long as the worker does.</summary>
internal sealed class DependencyWatchService(DependencyWatch watch) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => watch.RunAsync(stoppingToken);
}
