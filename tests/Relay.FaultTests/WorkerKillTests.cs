using System.Diagnostics;
using Relay.Testing;

namespace Relay.FaultTests;

/// <summary><see cref="PartKillRun"/> with the worker: its host starts another.</summary>
public sealed class WorkerKillTests
{
    [Fact]
    public Task Worker_KilledUnderLoadAgainAndAgain_IsStartedAgainAndNothingIsLostOrTwice() =>
        PartKillRun.RunAsync("until the next worker takes messages", KillAsync);

    private static async Task<TimeSpan> KillAsync(RelayInPieces relay)
    {
        var killed = relay.WorkerId;
        var started = Stopwatch.GetTimestamp();
        await relay.KillWorkerAsync(TestContext.Current.CancellationToken);
        var took = Stopwatch.GetElapsedTime(started);
        await TestDeadline.Until(() => Signals.IsGone(killed), $"worker {killed} is gone");
        return took;
    }
}
