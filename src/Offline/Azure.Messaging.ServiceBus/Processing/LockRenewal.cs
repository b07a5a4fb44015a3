namespace Azure.Messaging.ServiceBus;

/// <summary>Keeps the lock on one message while its handler runs, up to a limit, and tells the handler when it is lost.</summary>
internal sealed class LockRenewal : IAsyncDisposable
{
    // How long before a lock runs out it is renewed at the latest, and how short a rest is renewed at once.
    internal static readonly TimeSpan LongestBuffer = TimeSpan.FromSeconds(10);
    internal static readonly TimeSpan RenewAtOnce = TimeSpan.FromMilliseconds(400);

    private readonly ServiceBusReceiver _receiver;
    private readonly ProcessMessageEventArgs _args;
    private readonly Func<Exception, Task> _report;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;

    /// <summary>Starts to renew.</summary>
    /// <param name="receiver">Renews.</param>
    /// <param name="args">The handler's arguments, with the message.</param>
    /// <param name="limit">How long to renew; infinite has no end, zero never renews.</param>
    /// <param name="report">Told of failures other than the loss itself.</param>
    /// <param name="time">Clock.</param>
    public LockRenewal(ServiceBusReceiver receiver, ProcessMessageEventArgs args, TimeSpan limit, Func<Exception, Task> report, TimeProvider time)
    {
        _receiver = receiver;
        _args = args;
        _report = report;
        _time = time;
        _renewing = limit == TimeSpan.Zero ? Task.CompletedTask : RenewAsync(limit, _stop.Token);
    }

    /// <summary>How long to wait before renewing: half the rest of the lock, or all but 10 s of it when that is later.</summary>
    internal static TimeSpan DelayFor(TimeSpan remaining)
    {
        if (remaining < RenewAtOnce)
        {
            return TimeSpan.Zero;
        }

        var buffer = remaining / 2;
        return remaining - (buffer < LongestBuffer ? buffer : LongestBuffer);
    }

    /// <summary>Ends the renewal and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RenewAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        // Off the caller, whose handler must not wait for the first renewal of a lock that is nearly over.
        await Task.Yield();
        var started = _time.GetTimestamp();
        try
        {
            while (!_args.Message.IsSettled)
            {
                var delay = DelayFor(_args.Message.LockedUntil - _time.GetUtcNow());
                if (limit != Timeout.InfiniteTimeSpan && _time.GetElapsedTime(started) + delay > limit)
                {
                    return;
                }

                await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
                if (_args.Message.IsSettled)
                {
                    return;
                }

                await _receiver.RenewMessageLockAsync(_args.Message, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The handler is done.
        }
        catch (Exception) when (_args.Message.IsSettled)
        {
            // Settling and renewing crossed: there is no lock to keep any more.
        }
        catch (Exception exception)
        {
            if (exception is ServiceBusException { Reason: ServiceBusFailureReason.MessageLockLost })
            {
                await _args.OnMessageLockLostAsync(new MessageLockLostEventArgs(_args.Message, exception)).ConfigureAwait(false);
            }

            await _report(exception).ConfigureAwait(false);
        }
    }
}
