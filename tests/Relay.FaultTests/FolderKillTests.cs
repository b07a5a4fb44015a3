using Relay.Azure.Ledger;

namespace Relay.FaultTests;

/// <summary><see cref="KillRun"/> over a folder.</summary>
public sealed class FolderKillTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FolderStore_KilledAgainAndAgain_LosesAndForgesNothing()
    {
        await using var relay = await RelayInPieces.StartAsync(null, "", Cancel);
        var temporary = Path.Combine(relay.LedgerFolder, "~", "temporary");
        Directory.CreateDirectory(temporary);
        await KillRun.RunAsync(relay, LedgerStores.ReadFolder(relay.LedgerFolder), temporary);
    }
}
