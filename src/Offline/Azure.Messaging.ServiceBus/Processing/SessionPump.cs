namespace Azure.Messaging.ServiceBus;

/// <summary>One run of a session processor: workers that each take a session, have its messages handled until none comes any more, and let it go.</summary>
internal sealed class SessionPump : IDisposable
{
    // Between two failures to take a session, so that a missing entity does not keep a core busy.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly ServiceBusSessionProcessor _processor;
    private readonly ServiceBusClient _client;
    private readonly CancellationTokenSource _stop = new();

    // Guards _workers and _finished. No await inside.
    private readonly Lock _gate = new();
    private readonly Stack<(CancellationTokenSource Retire, Task Running)> _workers = new();
    private readonly List<Task> _finished = [];

    public SessionPump(ServiceBusSessionProcessor processor, ServiceBusClient client)
    {
        _processor = processor;
        _client = client;
    }

    /// <summary>Starts or retires workers. One that is retired finishes the session it has.</summary>
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
                var sessionId = _processor.SessionIds.Count > 0 ? _processor.SessionIds[_workers.Count] : null;
                var retire = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                _workers.Push((retire, Task.Run(() => WorkAsync(sessionId, retire.Token), CancellationToken.None)));
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

    /// <summary>Stops taking sessions, signals the handlers, waits for them and lets the sessions go.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_gate)
        {
            running = [.. _workers.Select(worker => worker.Running), .. _finished];
        }

        await Task.WhenAll(running).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Called once everything has stopped.</summary>
    public void Dispose() => _stop.Dispose();

    /// <summary>Tells the application. What its handler throws has nowhere else to go: it must not end the pump.</summary>
    public async Task ReportAsync(Exception exception, ServiceBusErrorSource source)
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

    private async Task WorkAsync(string? sessionId, CancellationToken retired)
    {
        while (!retired.IsCancellationRequested)
        {
            ServiceBusSessionReceiver receiver;
            try
            {
                var options = new ServiceBusSessionReceiverOptions
                {
                    ReceiveMode = _processor.ReceiveMode,
                    PrefetchCount = _processor.PrefetchCount,
                    Identifier = _processor.Identifier,
                };
                receiver = await ServiceBusSessionReceiver.AcceptAsync(_client, _processor.EntityPath, sessionId, options, retired).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (retired.IsCancellationRequested)
            {
                return;
            }
            catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.ServiceTimeout && sessionId is null)
            {
                // No session has messages: the usual answer to an idle processor.
                continue;
            }
            catch (Exception exception)
            {
                await ReportAsync(exception, ServiceBusErrorSource.AcceptSession).ConfigureAwait(false);
                await PauseAsync(retired).ConfigureAwait(false);
                continue;
            }

            await new SessionRun(this, _processor, receiver, _client.Scope.Time, _stop.Token).RunAsync().ConfigureAwait(false);
        }
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(AfterFailure, _client.Scope.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped or retired: the loop looks next.
        }
    }
}
