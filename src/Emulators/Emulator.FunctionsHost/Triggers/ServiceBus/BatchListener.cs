using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.HostJson;
using Emulator.FunctionsHost.Indexing;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>
/// Runs one function for batches of its entity's messages, one batch at a
/// time. What the function settled stays as it is; of the rest, all are
/// completed when it succeeded and host.json or the trigger says so, and all are abandoned when it failed.
/// </summary>
/// <param name="entity">Opens receivers.</param>
/// <param name="stopping">Signalled when the host stops.</param>
internal sealed class BatchListener(
    FunctionDescriptor function,
    TriggerEntity entity,
    ServiceBusSettings settings,
    MessageRunner runner,
    ListenerErrors errors,
    TimeProvider time,
    ILogger logger,
    CancellationToken stopping) : ITriggerListener
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    // For settling what a function that was cancelled left; the token of the stop is signalled by then.
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(10);

    private readonly bool _completes = entity.Trigger.AutoCompleteMessages ?? settings.AutoCompleteMessages;
    private Task _loop = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = LoopAsync();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _loop.WaitAsync(cancellationToken);

    private async Task LoopAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var delay = FirstDelay;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ServeReceiverAsync().ConfigureAwait(false);
                delay = FirstDelay;
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (ServiceBusException exception) when (
                entity.Trigger.IsSessionsEnabled && exception.Reason == ServiceBusFailureReason.ServiceTimeout)
            {
                // No session has messages: asked again at once, since the bus waits before it says so.
            }
            catch (Exception exception)
            {
                // Whatever it is, the host stays up and tries again.
                errors.Report(ServiceBusErrorSource.Receive, entity.Trigger.Describe(), exception);
                await Task.Delay(delay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            }
        }
    }

    private async Task ServeReceiverAsync()
    {
        var receiver = await entity.OpenReceiverAsync(stopping).ConfigureAwait(false);
        await using (receiver.ConfigureAwait(false))
        {
            while (!stopping.IsCancellationRequested)
            {
                var messages = await ReceiveAsync(receiver).ConfigureAwait(false);
                if (messages.Count == 0 && receiver is ServiceBusSessionReceiver) return;
                if (messages.Count == 0) continue;
                var settler = new ReceiverSettler(receiver);
                await RunAsync(messages, settler, receiver is ServiceBusSessionReceiver ? settler : null).ConfigureAwait(false);
                if (settler.IsReleased) return;
            }
        }
    }

    // The first receive waits; further ones fill up to the least batch, for as long as host.json allows.
    private async Task<List<ServiceBusReceivedMessage>> ReceiveAsync(ServiceBusReceiver receiver)
    {
        var wait = receiver is ServiceBusSessionReceiver ? settings.SessionIdleTimeout : null;
        List<ServiceBusReceivedMessage> messages =
            [.. await receiver.ReceiveMessagesAsync(settings.MaxMessageBatchSize, wait, stopping).ConfigureAwait(false)];
        var since = time.GetTimestamp();
        while (messages.Count > 0 && messages.Count < settings.MinMessageBatchSize)
        {
            var left = settings.MaxBatchWaitTime - time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero) break;
            var more = await receiver.ReceiveMessagesAsync(
                settings.MaxMessageBatchSize - messages.Count, left, stopping).ConfigureAwait(false);
            if (more.Count == 0) break;
            messages.AddRange(more);
        }

        return messages;
    }

    private async Task RunAsync(IReadOnlyList<ServiceBusReceivedMessage> messages, ReceiverSettler settler, ISessionHolder? session)
    {
        var succeeded = true;
        try
        {
            await runner.RunBatchAsync(messages, settler, session).ConfigureAwait(false);
        }
        catch (Invocation.FunctionFailedException)
        {
            // Logged by the invoker.
            succeeded = false;
        }

        if (succeeded && !_completes) return;
        using var limit = new CancellationTokenSource(SettleLimit, time);
        await Task.WhenAll(messages.Where(message => !settler.IsSettled(message)).Select(message => succeeded
            ? SettleAsync("the completion", settler.CompleteAsync(message, limit.Token))
            : SettleAsync("the release", settler.AbandonAsync(message, properties: null, limit.Token)))).ConfigureAwait(false);
    }

    private async Task SettleAsync(string operation, Task settling)
    {
        try
        {
            await settling.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // It comes again when its lock lapses; its neighbours are none the worse for it.
            var reason = exception is ServiceBusException bus ? bus.Reason.ToString() : exception.GetType().Name;
            HostLog.NotSettled(logger, function.Name, operation, entity.Trigger.Describe(), reason);
        }
    }
}
