namespace Relay.Core.Ledger.Commit;

/// <summary>
/// Where a ledger's work runs: everything that is not called by somebody who waits for it starts here, on the scheduler that was given.
/// </summary>
/// <remarks>
/// Hidden from what runs on it: an await inside would otherwise see a scheduler that is not
/// the default one and go back to the thread pool through it. So with a scheduler of one
/// thread, and stores and clocks that complete on it, the whole ledger runs on that thread in one order.
/// </remarks>
internal sealed class LedgerScheduler(TaskScheduler scheduler)
{
    private const TaskCreationOptions Options = TaskCreationOptions.HideScheduler | TaskCreationOptions.DenyChildAttach;

    /// <summary>Starts work; the task ends with it.</summary>
    public Task StartAsync(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, Options, scheduler).Unwrap();

    /// <summary>Runs something short that does not throw, never inside this call.</summary>
    public void Post(Action action) => _ = Task.Factory.StartNew(action, CancellationToken.None, Options, scheduler);

    /// <summary>Waits, and no longer once it is to stop; goes on where the timer fires or the stop is called.</summary>
    /// <remarks>
    /// Not <see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/>: one that is cancelled goes on in the thread pool.
    /// </remarks>
    /// <param name="pause">How long; not negative.</param>
    /// <param name="time">Whose timer.</param>
    /// <param name="stop">Ends the wait early, without an exception.</param>
    public static async Task PauseAsync(TimeSpan pause, TimeProvider time, CancellationToken stop)
    {
        var over = new TaskCompletionSource();
        using var stopped = stop.UnsafeRegister(End, over);
        using var timer = time.CreateTimer(End, over, pause, Timeout.InfiniteTimeSpan);
        await over.Task.ConfigureAwait(false);

        static void End(object? source) => ((TaskCompletionSource)source!).TrySetResult();
    }
}
