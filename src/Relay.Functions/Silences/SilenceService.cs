using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Functions.Diagnostics;

namespace Relay.Functions.Silences;

/// <summary>Has silences looked for each second for as long as the worker runs, and tells the watch how late its timer came.</summary>
// The store is made when first needed: one that cannot be made is no reason for a worker not to start.
internal sealed class SilenceService(IServiceProvider services, TimeProvider time, ILogger<SilenceService> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var startedAt = time.GetTimestamp();
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            var late = time.GetElapsedTime(startedAt) - Every;
            try
            {
                await services.GetRequiredService<SilencePublisher>().RunAsync(late, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                FunctionsLog.SilenceFailed(logger, e);
            }
        }
    }
}
