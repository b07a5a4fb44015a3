using System.Diagnostics.CodeAnalysis;
using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.Protocol;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Worker;

/// <summary>
/// Keeps one worker alive: starts another whenever it ends unasked, after a while that grows as long as they die young. Thread-safe.
/// </summary>
/// <param name="longestDelay">Between two starts.</param>
internal sealed class WorkerSupervisor(
    WorkerStarter starter, Uri grpc, WorkerTimeouts timeouts, TimeSpan longestDelay, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    // A worker that lived that long did not die of its start.
    private static readonly TimeSpan GrownUp = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();

    // The worker that runs, and the promise of it or of the next. Written by the loop alone, after the first start.
    private volatile LiveWorker? _running;
    private volatile TaskCompletionSource<LiveWorker> _current = NewPromise();
    private Task _loop = Task.CompletedTask;

    // Owned by the loop.
    private TimeSpan _delay = TimeSpan.Zero;

    /// <summary>Starts the first worker.</summary>
    /// <exception cref="WorkerException">It does not start; there is no second try.</exception>
    public async Task<LiveWorker> StartAsync(CancellationToken cancellationToken)
    {
        var worker = await starter.StartAsync(grpc, cancellationToken).ConfigureAwait(false);
        Announce(worker);
        _loop = SuperviseAsync(worker);
        return worker;
    }

    /// <summary>The worker that runs; false while none does.</summary>
    public bool TryGet([NotNullWhen(true)] out LiveWorker? worker)
    {
        worker = _running;
        if (worker is { Channel.Ended.IsCompleted: true }) worker = null;
        return worker is not null;
    }

    /// <summary>The worker that runs, as soon as one does.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the host stops.</exception>
    public async ValueTask<LiveWorker> GetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryGet(out var worker)) return worker;
            var candidate = await _current.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (candidate.Channel.Ended.IsCompleted) await candidate.Retired.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends a worker that is no longer to be trusted; the loop starts another. All that runs in it fails.</summary>
    public static void Recycle(LiveWorker worker, string reason)
    {
        worker.Channel.End(new WorkerException(reason));
        worker.Process.Kill();
    }

    /// <summary>Tells the worker to end, waits for it, and ends it if it does not. What runs in it is lost.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _current.TrySetCanceled(_stopping.Token);
        if (_running is { } worker) await TerminateAsync(worker).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task SuperviseAsync(LiveWorker worker)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (true)
        {
            WorkerException reason;
            try
            {
                reason = await worker.Channel.Ended.WaitAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _running = null;
            _current = NewPromise();
            worker.Retire();
            GrowDelay(worker);
            HostLog.WorkerLost(logger, worker.Process.Id, reason.Message, worker.Channel.Lost, _delay);
            await worker.DisposeAsync().ConfigureAwait(false);
            if (await StartAgainAsync().ConfigureAwait(false) is not { } next) return;
            worker = next;
            Announce(worker);
        }
    }

    private void Announce(LiveWorker worker)
    {
        _running = worker;
        _current.SetResult(worker);
    }

    private async Task<LiveWorker?> StartAgainAsync()
    {
        while (true)
        {
            await Task.Delay(_delay, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested) return null;
            try
            {
                return await starter.StartAsync(grpc, _stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return null;
            }
            catch (WorkerException exception)
            {
                _delay = Next(_delay);
                HostLog.WorkerNotStarted(logger, exception.Message, _delay);
            }
        }
    }

    // The first that dies is followed at once: most such ends are somebody's kill, or a function that took too long.
    private void GrowDelay(LiveWorker worker) => _delay = time.GetElapsedTime(worker.StartedAt) >= GrownUp ? TimeSpan.Zero : Next(_delay);

    private TimeSpan Next(TimeSpan delay) =>
        delay == TimeSpan.Zero ? Shorter(FirstDelay, longestDelay) : Shorter(delay * 2, longestDelay);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task TerminateAsync(LiveWorker worker)
    {
        try
        {
            var terminate = new WorkerTerminate { GracePeriod = Duration.FromTimeSpan(timeouts.Terminate) };
            await worker.Channel.SendAsync(new StreamingMessage { WorkerTerminate = terminate }, CancellationToken.None)
                .WaitAsync(timeouts.Terminate, time, CancellationToken.None).ConfigureAwait(false);
            await worker.Process.Exited.WaitAsync(timeouts.Terminate, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            HostLog.WorkerKilled(logger, worker.Process.Id, timeouts.Terminate);
        }
        catch (WorkerException)
        {
            // It has ended meanwhile.
        }

        await worker.DisposeAsync().ConfigureAwait(false);
        var exit = await worker.Process.Exited.ConfigureAwait(false);
        HostLog.WorkerStopped(logger, worker.Process.Id, exit.ToString());
    }

    private static TaskCompletionSource<LiveWorker> NewPromise() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
