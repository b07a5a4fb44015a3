using Azure.Security.KeyVault.Keys;
using Emulator.KeyVault;
using Relay.Local;
using Relay.Protocol.Keys;

namespace Relay.Benchmarks.EndToEnd;

/// <summary>What the relay's app needs to run against a vault emulator and a folder.</summary>
internal static class StackSettings
{
    /// <summary>App settings, without the bus.</summary>
    public static Dictionary<string, string?> Of(KeyVaultEmulator vault, string folder) => new()
    {
        ["Relay:Directory:Folder"] = LocalDirectory.Folder(folder),
        ["Relay:KeyVault:CertificateThumbprint"] = vault.CertificateThumbprint,
        ["Relay:Ledger:Folder"] = Path.Combine(folder, "ledger"),
        ["Relay:Ledger:RelayName"] = "relay.local",
        ["Relay:Ledger:VaultUri"] = vault.VaultUri.AbsoluteUri,
    };

    /// <summary>A negotiation of mediators whose keys are in the vault, its document in the stack's directory.</summary>
    public static async Task<BenchNegotiation> NegotiateAsync(
        KeyVaultEmulator vault, int mediators, string folder, CancellationToken cancellationToken)
    {
        var (keys, ids) = await SeedAsync(vault, mediators, cancellationToken);
        var negotiation = BenchNegotiation.Create(keys, ids);
        LocalDirectory.Put(folder, BenchNegotiation.Name, negotiation.Document);
        return negotiation;
    }

    /// <summary>Puts the relay's key and mediators' keys, made here so that signing asks no vault, into the vault.</summary>
    /// <returns>The mediators' keys and their identifiers there.</returns>
    public static async Task<(List<PrivateJwk> Keys, List<Uri> Ids)> SeedAsync(
        KeyVaultEmulator vault, int mediators, CancellationToken cancellationToken)
    {
        var endpoints = new LocalEndpoints(
            "",
            new Uri("http://localhost"),
            vault.VaultUri,
            vault.CertificateThumbprint,
            vault.CertificatePath,
            new Uri("https://localhost"),
            "",
            Environment.ProcessId);
        var client = LocalVault.Open(endpoints, "relay-bench", TimeProvider.System);
        foreach (var key in LocalTopology.Default.AllKeys) await LocalVault.CreateSigningKeyAsync(client, key.Name, cancellationToken);
        var keys = Enumerable.Range(0, mediators).Select(i => PrivateJwk.Generate(JwkKind.P256, $"mediator-bench-{i}")).ToList();
        var ids = new List<Uri>();
        foreach (var key in keys)
        {
            using var ecdsa = key.CreateECDsa();
            var material = new JsonWebKey(ecdsa, includePrivateParameters: true, [KeyOperation.Sign, KeyOperation.Verify]);
            ids.Add((await client.ImportKeyAsync(key.KeyId, material, cancellationToken)).Value.Id);
        }

        return (keys, ids);
    }
}
