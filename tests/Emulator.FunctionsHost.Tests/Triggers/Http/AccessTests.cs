using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Emulator.FunctionsHost.Tests.Triggers.Http;

/// <summary>Keys, and HTTPS with client certificates.</summary>
public sealed class AccessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_Configured_IsAskedForAboveAnonymous()
    {
        var test = new TestHost { FunctionKey = "the-key" };
        await using var host = await test.StartAsync("Keyed", "Echo");
        using var client = new HttpClient { BaseAddress = new Uri(host.HttpAddress, "api/") };

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "keyed"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "keyed?code=other"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "keyed?code=the-key"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "echo/a"));
        client.DefaultRequestHeaders.Add("x-functions-key", "the-key");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "keyed"));
    }

    [Fact]
    public async Task Key_NotConfigured_IsOpen()
    {
        await using var host = await new TestHost().StartAsync("Keyed");
        using var client = new HttpClient { BaseAddress = new Uri(host.HttpAddress, "api/") };

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "keyed"));
    }

    [Fact]
    public async Task Https_ClientCertificate_ReachesTheFunctionAsOnThePlatform()
    {
        using var server = TestCertificate.Create("server");
        using var shown = TestCertificate.Create("client");
        await using var host = await new TestHost { Certificate = server }.StartAsync("Echo");
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate?.GetCertHashString() == server.GetCertHashString();
        handler.SslOptions.ClientCertificates = [shown];
        handler.SslOptions.LocalCertificateSelectionCallback = (_, _, certificates, _, _) => certificates[0];
        using var client = new HttpClient(handler) { BaseAddress = new Uri(host.HttpsAddress!, "api/") };

        var echo = await client.GetFromJsonAsync<JsonElement>("echo/a", Cancel);

        Assert.Equal(Convert.ToBase64String(shown.RawData), echo.GetProperty("certificate").GetString());
        Assert.Equal("https", echo.GetProperty("scheme").GetString());
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return response.StatusCode;
    }
}
