using System.Security.Cryptography;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Keys;
using Relay.Testing;

namespace Emulator.KeyVault.Tests;

/// <summary>An emulator on a free port with a clock the test moves, and clients that trust its certificate alone.</summary>
internal sealed class VaultFixture : IAsyncDisposable
{
    private VaultFixture(KeyVaultEmulator emulator, ManualTimeProvider time)
    {
        Emulator = emulator;
        Time = time;
        Http = new HttpClient(PinnedHandler(emulator.CertificateThumbprint)) { BaseAddress = emulator.VaultUri };
    }

    public KeyVaultEmulator Emulator { get; }

    public ManualTimeProvider Time { get; }

    /// <summary>Plain HTTP to the vault, without token.</summary>
    public HttpClient Http { get; }

    public static async Task<VaultFixture> StartAsync(string? stateFolder = null, ManualTimeProvider? time = null, int port = 0)
    {
        time ??= new ManualTimeProvider();
        var options = new KeyVaultEmulatorOptions { StateFolder = stateFolder, TimeProvider = time, Port = port };
        return new(await KeyVaultEmulator.StartAsync(options, TestContext.Current.CancellationToken), time);
    }

    public KeyClient Client(TokenCredential? credential = null) =>
        new(Emulator.VaultUri, credential ?? new StaticCredential("local"), Options());

    public KeyClientOptions Options() => new()
    {
        DisableChallengeResourceVerification = true,
        Transport = new HttpClientTransport(new HttpClient(PinnedHandler(Emulator.CertificateThumbprint))),
        Retry = { MaxRetries = 0 },
    };

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Emulator.DisposeAsync();
    }

    public static SocketsHttpHandler PinnedHandler(string thumbprint)
    {
        var pinned = Convert.FromHexString(thumbprint);
        return new()
        {
            // The default of one second sends a long body to a server that is only slow to refuse it.
            Expect100ContinueTimeout = TestDeadline.Default,
            SslOptions = new()
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    certificate is not null
                        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(certificate.GetRawCertData()), pinned),
            },
        };
    }
}
