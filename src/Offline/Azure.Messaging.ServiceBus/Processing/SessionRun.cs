namespace Azure.Messaging.ServiceBus;

/// <summary>One session in a processor's hands: its handlers, its lock, its end.</summary>
internal sealed class SessionRun
{
    private readonly SessionPump _pump;
    private readonly ServiceBusSessionProcessor _processor;
    private readonly ServiceBusSessionReceiver _receiver;
    private readonly TimeProvider _time;

    // Ends receiving: the processor stops, the session is released, lost or idle.
    private readonly CancellationTokenSource _end;

    // Signals the handlers: the processor stops, or the session is lost.
    private readonly CancellationTokenSource _handlers;
    private readonly CancellationToken _stop;
    private volatile Exception? _lost;

    public SessionRun(SessionPump pump, ServiceBusSessionProcessor processor, ServiceBusSessionReceiver receiver, TimeProvider time, CancellationToken stop)
    {
        _pump = pump;
        _processor = processor;
        _receiver = receiver;
        _time = time;
        _stop = stop;
        _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _handlers = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>Runs until the session has no more messages for a while, is released or lost, or the processor stops.</summary>
    public async Task RunAsync()
    {
        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken.None);
        var renewal = RenewAsync(renewing.Token);
        if (await TryAsync(() => _processor.OnSessionInitializingAsync(Args()), ServiceBusErrorSource.ProcessMessageCallback).ConfigureAwait(false))
        {
            await Task.WhenAll(Enumerable.Range(0, _processor.MaxConcurrentCallsPerSession).Select(_ => Task.Run(ReceiveAsync, CancellationToken.None))).ConfigureAwait(false);
        }

        await TryAsync(() => _processor.OnSessionClosingAsync(Args()), ServiceBusErrorSource.CloseSession).ConfigureAwait(false);
        await renewing.CancelAsync().ConfigureAwait(false);
        await renewal.ConfigureAwait(false);
        await TryAsync(() => _receiver.CloseAsync(CancellationToken.None), ServiceBusErrorSource.CloseSession).ConfigureAwait(false);
        _end.Dispose();
        _handlers.Dispose();
    }

    private static bool IsLost(Exception exception) => exception is ServiceBusException { Reason: ServiceBusFailureReason.SessionLockLost };

    private ProcessSessionEventArgs Args() => new(_receiver, _processor.Identifier, _end.Cancel, _handlers.Token);

    private async Task ReceiveAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            ServiceBusReceivedMessage? message;
            try
            {
                message = await _receiver.ReceiveMessageAsync(_processor.SessionIdleTimeout, _end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!IsLost(exception) || _lost is null)
                {
                    await _pump.ReportAsync(exception, ServiceBusErrorSource.Receive).ConfigureAwait(false);
                }

                // A session's link does not come back.
                await _end.CancelAsync().ConfigureAwait(false);
                return;
            }

            if (message is null)
            {
                await _end.CancelAsync().ConfigureAwait(false);
                return;
            }

            await HandleAsync(message).ConfigureAwait(false);
        }
    }

    private async Task HandleAsync(ServiceBusReceivedMessage message)
    {
        var args = new ProcessSessionMessageEventArgs(message, _receiver, _processor.Identifier, _end.Cancel, _handlers.Token);
        var locked = _receiver.ReceiveMode == ServiceBusReceiveMode.PeekLock;
        using var onLost = _handlers.Token.Register(() =>
        {
            if (_lost is { } lost)
            {
                _ = TryAsync(() => args.OnSessionLockLostAsync(new SessionLockLostEventArgs(message, _receiver.SessionLockedUntil, lost)), ServiceBusErrorSource.ProcessMessageCallback);
            }
        });
        var source = ServiceBusErrorSource.ProcessMessageCallback;
        try
        {
            await _processor.OnProcessSessionMessageAsync(args).ConfigureAwait(false);
            if (locked && _processor.AutoCompleteMessages && !message.IsSettled)
            {
                // Not on the stop token: what was handled is to be completed.
                source = ServiceBusErrorSource.Complete;
                await _receiver.CompleteMessageAsync(message, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The handler heeded the stop: the message comes back when the session is let go.
        }
        catch (Exception exception)
        {
            await _pump.ReportAsync(exception, source).ConfigureAwait(false);
            if (locked && !message.IsSettled && !IsLost(exception))
            {
                await TryAsync(() => _receiver.AbandonMessageAsync(message, null, CancellationToken.None), ServiceBusErrorSource.Abandon).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> TryAsync(Func<Task> run, ServiceBusErrorSource source)
    {
        try
        {
            await run().ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception)
        {
            await _pump.ReportAsync(exception, source).ConfigureAwait(false);
            return false;
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var limit = _receiver.ReceiveMode == ServiceBusReceiveMode.PeekLock ? _processor.MaxAutoLockRenewalDuration : TimeSpan.Zero;
        if (limit == TimeSpan.Zero)
        {
            return;
        }

        await Task.Yield();
        var started = _time.GetTimestamp();
        try
        {
            while (true)
            {
                var delay = LockRenewal.DelayFor(_receiver.SessionLockedUntil - _time.GetUtcNow());
                if (limit != Timeout.InfiniteTimeSpan && _time.GetElapsedTime(started) + delay > limit)
                {
                    return;
                }

                await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
                await _receiver.RenewSessionLockAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The session is being let go.
        }
        catch (Exception exception)
        {
            if (IsLost(exception))
            {
                _lost = exception;
                await _end.CancelAsync().ConfigureAwait(false);
                await _handlers.CancelAsync().ConfigureAwait(false);
            }

            await _pump.ReportAsync(exception, ServiceBusErrorSource.RenewLock).ConfigureAwait(false);
        }
    }
}
