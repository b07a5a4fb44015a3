namespace Relay.Simulation.Tests.Kernel;

/// <summary>How one call to something outside the process goes; drawn for each call.</summary>
internal enum CallFate
{
    /// <summary>Takes effect, and says so.</summary>
    Done,

    /// <summary>Has no effect, and says that it failed.</summary>
    Refused,

    /// <summary>Takes effect, and says that it failed.</summary>
    DoneButFailed,

    /// <summary>Takes part of its effect, and says that it failed.</summary>
    Torn,

    /// <summary>Takes effect and answers long after every deadline.</summary>
    Slow,
}

/// <summary>
/// Calls of one worker to the world outside it: each is an event when it takes effect and another when its answer arrives.
/// </summary>
internal sealed class SimCalls(SimKernel kernel, SimLife life, Func<string, CallFate> fate)
{
    private static readonly TimeSpan ShortestTrip = TimeSpan.FromMilliseconds(0.1);
    private static readonly TimeSpan LongestTrip = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ShortestStall = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestStall = TimeSpan.FromMinutes(3);

    /// <summary>Makes a call.</summary>
    /// <param name="kind">What kind of call, for the choice of its fate.</param>
    /// <param name="effect">What it does to the world, told whether it tears; its result is the answer.</param>
    /// <param name="failure">What the caller gets when the call fails.</param>
    /// <param name="cancellationToken">Gives the caller its thread back; the effect may still come.</param>
    public Task<T> CallAsync<T>(string kind, Func<bool, T> effect, Func<Exception> failure, CancellationToken cancellationToken)
    {
        // No asynchronous continuations: what waits for the answer runs inside the event that brings it.
        var answer = new TaskCompletionSource<T>();
        if (!life.Alive) return answer.Task;
        var chosen = fate(kind);
        var there = chosen == CallFate.Slow ? kernel.Between(ShortestStall, LongestStall) : kernel.Between(ShortestTrip, LongestTrip);
        var back = kernel.Between(ShortestTrip, LongestTrip);
        var registration = cancellationToken.Register(() =>
        {
            if (life.Alive) answer.TrySetCanceled(cancellationToken);
        });
        kernel.After(there, () =>
        {
            // The worker may be dead or gone by now: what is on its way arrives all the same.
            var result = chosen == CallFate.Refused ? default : effect(chosen == CallFate.Torn);
            kernel.After(back, () =>
            {
                if (!life.Alive) return;
                registration.Dispose();
                if (chosen is CallFate.Done or CallFate.Slow) answer.TrySetResult(result!);
                else answer.TrySetException(failure());
            });
        });
        return answer.Task;
    }
}
