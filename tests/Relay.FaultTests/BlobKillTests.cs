using System.Diagnostics;
using Azure.Storage.Blobs;
using Relay.Azure.Ledger;
using Relay.Cli.Targets;
using Relay.Testing;

[assembly: AssemblyFixture(typeof(Azurite))]

namespace Relay.FaultTests;

/// <summary>
/// <see cref="KillRun"/> over a blob container. A class of its own: most of a short run is waiting, and two may wait at once.
/// </summary>
public sealed class BlobKillTests(Azurite azurite)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BlobStore_KilledAgainAndAgain_LosesAndForgesNothing()
    {
        using var folder = new TemporaryFolder();
        var blobs = await azurite.ConnectionStringAsync();
        var container = $"ledger-{Guid.NewGuid():N}";
        await new BlobContainerClient(
            blobs,
            container,
            new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05)).CreateIfNotExistsAsync(cancellationToken: Cancel);
        await using var relay = await RelayInPieces.StartAsync(blobs, container, Cancel);
        await KillRun.RunAsync(relay, LedgerStores.OpenContainer(blobs, container), null);

        // As an operator asks, over the container that all this has left.
        var file = Path.Combine(folder.Path, "keys.json");
        await File.WriteAllBytesAsync(file, (await PublicKeySet.ExportAsync(relay.Vault, Cancel)).Json, Cancel);
        var command = Path.Combine(AppContext.BaseDirectory, "relay.dll");
        var start = new ProcessStartInfo(
            "dotnet", [command, "check", blobs, "--container", container, "--key", file])
        { RedirectStandardOutput = true };
        using var check = Process.Start(start)!;
        var output = await check.StandardOutput.ReadToEndAsync(Cancel);
        await TestDeadline.Within(check.WaitForExitAsync(Cancel));
        Assert.True(check.ExitCode == 0 && output.Contains("right", StringComparison.Ordinal), output);
    }
}
