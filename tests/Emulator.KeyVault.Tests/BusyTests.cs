namespace Emulator.KeyVault.Tests;

/// <summary>A vault that is told to have too much to do refuses with the service's own errors.</summary>
public sealed class BusyTests
{
    [Fact]
    public async Task Requests_WhileBusy_AreRefusedAsThrottledAndAsUnavailable()
    {
        var busy = new Queue<bool>([true, true, false]);
        var options = new KeyVaultEmulatorOptions { IsBusy = busy.Dequeue, AdvertisedPort = 8443 };
        await using var vault = await KeyVaultEmulator.StartAsync(options, TestContext.Current.CancellationToken);
        Assert.Equal(8443, vault.VaultUri.Port);
        using var http = new HttpClient(VaultFixture.PinnedHandler(vault.CertificateThumbprint));
        var answers = new List<string>();
        while (busy.Count > 0)
        {
            using var answer = await http.GetAsync(
                new Uri($"https://localhost:{vault.ListeningPort}/keys?api-version=7.4"), TestContext.Current.CancellationToken);
            var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            answers.Add($"{(int)answer.StatusCode} {answer.Headers.RetryAfter} {body.Split('"')[5]}");
        }

        Assert.Equal(["429 1 Throttled", "503 1 ServiceUnavailable", "401  Unauthorized"], answers);
    }
}
