namespace Azure.Messaging.ServiceBus;

/// <summary>One run of a processor, from start to stop: workers that each receive a message, have it handled, settle it, and begin again.</summary>
internal sealed class MessagePump : IAsyncDisposable
{
    // Between two failures to receive, so that a missing entity does not keep a core busy.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ServiceBusProcessor _processor;
    private readonly ServiceBusReceiver _receiver;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();

    // Guards _workers and _finished. No await inside.
    private readonly Lock _gate = new();
    private readonly Stack<Worker> _workers = new();
    private readonly List<Task> _finished = [];

    public MessagePump(ServiceBusProcessor processor, ServiceBusReceiver receiver, TimeProvider time)
    {
        _processor = processor;
        _receiver = receiver;
        _time = time;
    }

    /// <summary>Starts or retires workers. One that is retired finishes what it handles.</summary>
    public void SetConcurrency(int workers)
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            while (_workers.Count < workers)
            {
                var retire = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                _workers.Push(new Worker(retire, Task.Run(() => WorkAsync(retire.Token), CancellationToken.None)));
            }

            while (_workers.Count > workers)
            {
                var worker = _workers.Pop();
                worker.Retire.Cancel();
                _finished.RemoveAll(task => task.IsCompleted);
                _finished.Add(worker.Running);
            }
        }
    }

    /// <summary>Stops receiving, signals the handlers and waits for them, then gives back what nobody took.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_gate)
        {
            running = [.. _workers.Select(worker => worker.Running), .. _finished];
        }

        await Task.WhenAll(running).WaitAsync(cancellationToken).ConfigureAwait(false);
        await _receiver.CloseAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops without a limit on the wait.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task WorkAsync(CancellationToken retired)
    {
        while (!retired.IsCancellationRequested)
        {
            ServiceBusReceivedMessage? message;
            try
            {
                message = await _receiver.ReceiveMessageAsync(null, retired).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (retired.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                await ReportAsync(exception, ServiceBusErrorSource.Receive).ConfigureAwait(false);
                await PauseAsync(retired).ConfigureAwait(false);
                continue;
            }

            if (message is not null)
            {
                await HandleAsync(message).ConfigureAwait(false);
            }
        }
    }

    private async Task HandleAsync(ServiceBusReceivedMessage message)
    {
        var args = new ProcessMessageEventArgs(message, _receiver, _processor.Identifier, _stop.Token);
        var locked = _receiver.ReceiveMode == ServiceBusReceiveMode.PeekLock;
        var renewal = new LockRenewal(_receiver, args, locked ? _processor.MaxAutoLockRenewalDuration : TimeSpan.Zero,
            exception => ReportAsync(exception, ServiceBusErrorSource.RenewLock), _time);
        var source = ServiceBusErrorSource.ProcessMessageCallback;
        try
        {
            await _processor.OnProcessMessageAsync(args).ConfigureAwait(false);
            if (locked && _processor.AutoCompleteMessages && !message.IsSettled)
            {
                // Not on the stop token: what was handled is to be completed.
                source = ServiceBusErrorSource.Complete;
                await _receiver.CompleteMessageAsync(message, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The handler heeded the stop. As with the official package the message stays locked until the lock runs out.
        }
        catch (Exception exception)
        {
            await ReportAsync(exception, source).ConfigureAwait(false);
            if (locked && !message.IsSettled && !IsLockLost(exception))
            {
                await AbandonAsync(message).ConfigureAwait(false);
            }
        }
        finally
        {
            await renewal.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool IsLockLost(Exception exception) =>
        exception is ServiceBusException { Reason: ServiceBusFailureReason.MessageLockLost or ServiceBusFailureReason.SessionLockLost };

    private async Task AbandonAsync(ServiceBusReceivedMessage message)
    {
        try
        {
            await _receiver.AbandonMessageAsync(message, null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await ReportAsync(exception, ServiceBusErrorSource.Abandon).ConfigureAwait(false);
        }
    }

    // The application's error handler must not end the pump: what it throws has nowhere else to go.
    private async Task ReportAsync(Exception exception, ServiceBusErrorSource source)
    {
        try
        {
            await _processor.OnProcessErrorAsync(
                new ProcessErrorEventArgs(exception, source, _processor.FullyQualifiedNamespace, _processor.EntityPath, _processor.Identifier, _stop.Token))
                .ConfigureAwait(false);
        }
        catch (Exception)
        {
            // See above.
        }
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(AfterFailure, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped or retired: the loop looks next.
        }
    }

    private sealed record Worker(CancellationTokenSource Retire, Task Running);
}
