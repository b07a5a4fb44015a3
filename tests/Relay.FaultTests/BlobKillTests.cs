using Azure.Storage.Blobs;
using Relay.Azure.Ledger;
using Relay.Testing;

[assembly: AssemblyFixture(typeof(Azurite))]

namespace Relay.FaultTests;

/// <summary><see cref="KillRun"/> over a blob container. A class of its own: most of a short run is waiting, and two may wait at once.</summary>
public sealed class BlobKillTests(Azurite azurite)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BlobStore_KilledAgainAndAgain_LosesAndForgesNothing()
    {
        var blobs = await azurite.ConnectionStringAsync();
        var container = $"ledger-{Guid.NewGuid():N}";
        await new BlobContainerClient(blobs, container, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05)).CreateIfNotExistsAsync(cancellationToken: Cancel);
        await using var relay = await RelayInPieces.StartAsync(blobs, container, Cancel);
        await KillRun.RunAsync(relay, LedgerStores.OpenContainer(blobs, container), null);
    }
}
