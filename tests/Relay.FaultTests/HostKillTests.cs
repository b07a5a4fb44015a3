using System.Diagnostics;
using Relay.Testing;

namespace Relay.FaultTests;

/// <summary><see cref="PartKillRun"/> with the host: its worker ends by itself, and the next start goes on with what is left.</summary>
public sealed class HostKillTests
{
    [Fact]
    public Task Host_KilledUnderLoadAgainAndAgain_ItsWorkerEndsAndARestartGoesOn() =>
        PartKillRun.RunAsync("until its worker was gone", KillAsync);

    private static async Task<TimeSpan> KillAsync(RelayInPieces relay)
    {
        var worker = relay.WorkerId;
        var started = Stopwatch.GetTimestamp();
        await relay.KillHostAsync(TestContext.Current.CancellationToken);
        await TestDeadline.Until(() => Signals.IsGone(worker), $"worker {worker} is gone");
        var took = Stopwatch.GetElapsedTime(started);
        await relay.StartAppAsync(TestContext.Current.CancellationToken);
        return took;
    }
}
