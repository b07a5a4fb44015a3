using Relay.Testing;

namespace Emulator.KeyVault.Tests;

/// <summary>The emulator as seen by a client nobody here wrote: npm's @azure/keyvault-keys.</summary>
public sealed class OfficialClientTests
{
    private static readonly string[] Packages = ["@azure/keyvault-keys@4.10.2"];

    [Fact]
    public async Task JavaScriptClient_TrustingTheCertificateAsRoot_DoesEverythingTheEmulatorOffers()
    {
        var options = new KeyVaultEmulatorOptions();
        await using var emulator = await KeyVaultEmulator.StartAsync(options, TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string> { ["NODE_EXTRA_CA_CERTS"] = emulator.CertificatePath };

        var result = await NodeRunner.RunAsync(
            Packages, "keyvault-keys.mjs", [emulator.VaultUri.AbsoluteUri], environment, TestContext.Current.CancellationToken);

        Assert.Contains("ok 5 keys, 28 versions", result.AssertSucceeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JavaScriptClient_WithoutTheCertificate_DoesNotConnect()
    {
        var options = new KeyVaultEmulatorOptions();
        await using var emulator = await KeyVaultEmulator.StartAsync(options, TestContext.Current.CancellationToken);

        var result = await NodeRunner.RunAsync(
            Packages, "keyvault-keys.mjs", [emulator.VaultUri.AbsoluteUri], null, TestContext.Current.CancellationToken);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("self-signed certificate", result.Errors, StringComparison.Ordinal);
    }
}
