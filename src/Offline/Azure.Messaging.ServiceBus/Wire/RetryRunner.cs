using System.Runtime.ExceptionServices;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Runs operations under a retry policy: each try with its own deadline, transient failures tried again, and nobody tries
/// for a while after the service said it is busy.</summary>
internal sealed class RetryRunner(ServiceBusRetryPolicy policy, TimeProvider time)
{
    // What a client leaves a busy service alone for.
    internal static readonly TimeSpan ServerBusyWait = TimeSpan.FromSeconds(10);

    // Timestamp until which the service counts as busy; 0 when it does not.
    private long _busyUntil;

    /// <summary>Runs an operation, each try within the try timeout, until it succeeds, fails for good or the tries are used up.</summary>
    /// <param name="operation">Given the time this try has and a token that ends with it.</param>
    /// <param name="entityPath">Named in exceptions.</param>
    /// <param name="cancellationToken">The caller's cancel.</param>
    /// <exception cref="TaskCanceledException">The caller cancelled.</exception>
    /// <exception cref="ServiceBusException">The last try's failure.</exception>
    public Task<TResult> RunAsync<TResult>(Func<TimeSpan, CancellationToken, Task<TResult>> operation, string? entityPath, CancellationToken cancellationToken) =>
        RunAsync(operation, bounded: true, entityPath, cancellationToken);

    /// <summary>The same for an operation that keeps to the try timeout itself, where it should.</summary>
    public Task<TResult> RunUnboundedAsync<TResult>(Func<TimeSpan, CancellationToken, Task<TResult>> operation, string? entityPath,
        CancellationToken cancellationToken) =>
        RunAsync(operation, bounded: false, entityPath, cancellationToken);

    private async Task<TResult> RunAsync<TResult>(Func<TimeSpan, CancellationToken, Task<TResult>> operation, bool bounded, string? entityPath,
        CancellationToken cancellationToken)
    {
        // Within a transaction nothing is tried again: what the service made of the first try is decided with the transaction.
        var isTransactional = System.Transactions.Transaction.Current is not null;
        for (var failures = 0; ;)
        {
            Exception failure;
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                await WaitWhileBusyAsync(cancellationToken).ConfigureAwait(false);
                var tryTimeout = policy.CalculateTryTimeout(failures);
                return bounded
                    ? await TryWithinAsync(operation, tryTimeout, entityPath, cancellationToken).ConfigureAwait(false)
                    : await operation(tryTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
            {
                // The official client reports the caller's cancel as TaskCanceledException everywhere.
                throw exception as TaskCanceledException ?? new TaskCanceledException(exception.Message, exception, cancellationToken);
            }
            catch (Exception exception)
            {
                failure = ErrorMapping.Translate(exception, entityPath);
            }

            if (failure is ServiceBusException { Reason: ServiceBusFailureReason.ServiceBusy })
            {
                Volatile.Write(ref _busyUntil, time.GetTimestamp() + (long)(ServerBusyWait.TotalSeconds * time.TimestampFrequency));
            }

            failures++;
            if (isTransactional || policy.CalculateRetryDelay(failure, failures) is not { } delay)
            {
                ExceptionDispatchInfo.Throw(failure);
                throw failure;
            }

            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<TResult> TryWithinAsync<TResult>(Func<TimeSpan, CancellationToken, Task<TResult>> operation, TimeSpan tryTimeout, string? entityPath,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(tryTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await operation(tryTimeout, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Whether it happened is unknown: the service may have done it and be late to say so.
            throw new ServiceBusException($"The operation did not complete within the allocated time {tryTimeout}.",
                ServiceBusFailureReason.ServiceTimeout, entityPath, exception);
        }
    }

    private async Task WaitWhileBusyAsync(CancellationToken cancellationToken)
    {
        var busyUntil = Volatile.Read(ref _busyUntil);
        if (busyUntil == 0)
        {
            return;
        }

        var remaining = time.GetElapsedTime(time.GetTimestamp(), busyUntil);
        if (remaining > TimeSpan.Zero)
        {
            await Task.Delay(remaining, time, cancellationToken).ConfigureAwait(false);
        }

        Interlocked.CompareExchange(ref _busyUntil, 0, busyUntil);
    }
}
