using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Core.Statistics;

namespace Relay.Functions.Diagnostics;

/// <summary>Has what the worker counts written for as long as it runs, and once more when it stops.</summary>
// The store is made when first needed: one that cannot be made is no reason for a worker not to start.
internal sealed class TallyService(IServiceProvider services, TimeProvider time, ILogger<TallyService> logger) : BackgroundService
{
    // Of a worker that is told to stop the host waits no more than some seconds.
    private static readonly TimeSpan LastSave = TimeSpan.FromSeconds(3);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var deadline = new CancellationTokenSource(LastSave, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await SaveAsync(linked.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(TallyStore.SaveEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await SaveAsync(stoppingToken);
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await services.GetRequiredService<TallyStore>().SaveAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // What is not written is lost with this worker, and only that.
        }
        catch (Exception e)
        {
            FunctionsLog.TalliesNotSaved(logger, e);
        }
    }
}
