using Emulator.FunctionsHost.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>
/// Runs one function for each message of its entity, by the client's processor: it completes, abandons and renews as its options say, and a
/// function that fails has its message abandoned.
/// </summary>
/// <param name="function">Its name, for the log.</param>
/// <param name="entity">For the log.</param>
/// <param name="stopping">Signalled when the host stops.</param>
internal sealed class ProcessorListener(
    string function,
    string entity,
    IMessageProcessor processor,
    TimeProvider time,
    ILogger logger,
    CancellationToken stopping) : ITriggerListener
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private Task _starting = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _starting = StartProcessorAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);

            // The library's processors wait for what they run, whatever becomes of the
            // token: a function that never ends would keep the host from stopping.
            await processor.StopAsync(cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            await processor.CloseAsync(cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // One listener that does not stop must not keep the others from stopping.
            HostLog.ListenerNotStopped(logger, function, entity, exception);
        }
    }

    private async Task StartProcessorAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var delay = FirstDelay;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await processor.StartAsync(stopping).ConfigureAwait(false);
                return;
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever keeps one listener from starting, the host stays up and tries again.
                HostLog.ProcessorNotStarted(logger, function, entity, delay, exception);
            }

            await Task.Delay(delay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }
}
