using System.Diagnostics;
using System.Globalization;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Two workers racing on one negotiation: never a fork, never a lost envelope.</summary>
/// <remarks>Some rounds; as many as the environment variable RELAY_RACES says for a long run.</remarks>
public sealed class LedgerRaceTests
{
    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("RELAY_RACES"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 500;

    [Fact]
    public async Task CommitAsync_TwoWorkersAtOnce_NeverForkAndNeverLose()
    {
        var started = Stopwatch.GetTimestamp();
        var tally = await new LedgerRace(
            static () =>
            {
                var store = new MemoryLedgerStore();
                return (store, store);
            },
            Environment.TickCount).RunAsync(Rounds, TimeSpan.MaxValue, TestContext.Current.CancellationToken);

        TestContext.Current.SendDiagnosticMessage("{0} in {1:0} s", tally, Stopwatch.GetElapsedTime(started).TotalSeconds);
        Assert.Equal(Rounds, tally.Rounds);
        Assert.True(tally.Collided > 0, "no round collided: nothing was raced");
    }
}
