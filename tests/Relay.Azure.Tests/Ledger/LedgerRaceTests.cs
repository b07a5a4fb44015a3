using System.Diagnostics;
using System.Globalization;
using Relay.Azure.Ledger;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Azure.Tests.Ledger;

/// <summary>
/// Two workers racing on one negotiation in a folder, each with a store
/// of its own as two processes have: never a fork, never a lost envelope.
/// </summary>
/// <remarks>Some rounds; as many as the environment variable RELAY_RACES says, for five minutes at most, in a long run.</remarks>
public sealed class LedgerRaceTests
{
    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("RELAY_RACES"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 40;

    [Fact]
    public async Task CommitAsync_TwoWorkersAtOnceOverAFolder_NeverForkAndNeverLose()
    {
        var started = Stopwatch.GetTimestamp();
        using var folder = new TemporaryFolder();
        var ledgers = 0;
        var race = new LedgerRace(
            () =>
            {
                var path = Path.Combine(folder.Path, (++ledgers).ToString(CultureInfo.InvariantCulture));
                return (LedgerStores.OpenFolder(path, TimeProvider.System), LedgerStores.OpenFolder(path, TimeProvider.System));
            },
            Environment.TickCount);
        var tally = await race.RunAsync(Rounds, TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);

        TestContext.Current.SendDiagnosticMessage("{0} in {1:0} s", tally, Stopwatch.GetElapsedTime(started).TotalSeconds);
        Assert.True(tally.Rounds > 0 && tally.Collided > 0, "no round collided: nothing was raced");
    }
}
