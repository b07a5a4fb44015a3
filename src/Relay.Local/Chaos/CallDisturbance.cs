using Relay.Core.Health;

namespace Relay.Local.Chaos;

/// <summary>Puts what the board says of a dependency on the calls of this process at it. Safe for concurrent use.</summary>
/// <param name="board">The board.</param>
/// <param name="dependency">Which.</param>
internal sealed class CallDisturbance(ChaosBoard board, Dependency dependency)
{
    private readonly EveryOther _everyOther = new();

    // How often it was cut as far as a call has been cut for it.
    private long _cuts = board.Cuts(dependency);

    /// <summary>Makes a call, as late as it is to be.</summary>
    /// <param name="call">The call.</param>
    /// <param name="fail">Tells the caller, with why; its result is returned or what it throws is thrown.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> call, Func<string, T> fail, CancellationToken cancellationToken)
    {
        var (kind, delay) = board[dependency];
        switch (kind)
        {
            case DisturbanceKind.Down: return fail("connection refused");
            case DisturbanceKind.Erroring when _everyOther.Next(): return fail("503 (server busy)");
            case DisturbanceKind.Slow: await Task.Delay(delay, TimeProvider.System, cancellationToken).ConfigureAwait(false); break;
            case DisturbanceKind.Erroring or DisturbanceKind.None: break;
        }

        var result = await call().ConfigureAwait(false);
        var cuts = board.Cuts(dependency);
        return Interlocked.Exchange(ref _cuts, cuts) == cuts ? result : fail("connection reset before the answer");
    }
}
