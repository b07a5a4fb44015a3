using Emulator.KeyVault;
using Relay.Benchmarks.EndToEnd;

namespace Relay.Benchmarks.Pressure;

/// <summary>One relay in processes of its own, its vault, and the folder of both, which goes with it.</summary>
internal sealed class PressedApp : IAsyncDisposable
{
    private readonly KeyVaultEmulator _vault;

    private PressedApp(string folder, KeyVaultEmulator vault, AppUnderLoad relay) => (Folder, _vault, Relay) = (folder, vault, relay);

    public AppUnderLoad Relay { get; }

    public string Folder { get; }

    /// <param name="negotiateAsync">Puts keys into the vault and documents into the folder before the relay starts.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<(PressedApp App, T Negotiated)> StartAsync<T>(
        Func<KeyVaultEmulator, string, Task<T>> negotiateAsync, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("relay-bench-").FullName;
        var vault = await KeyVaultEmulator.StartAsync(
            new KeyVaultEmulatorOptions { StateFolder = Path.Combine(folder, "vault") }, cancellationToken);
        var negotiated = await negotiateAsync(vault, folder);
        var relay = await AppUnderLoad.StartAsync("relay", "worker", StackSettings.Of(vault, folder), folder, cancellationToken);
        return (new PressedApp(folder, vault, relay), negotiated);
    }

    public async ValueTask DisposeAsync()
    {
        await Relay.DisposeAsync();
        await _vault.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
