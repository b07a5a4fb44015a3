using System.Net;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Storage.Blobs.Tests;

public sealed class BearerTests
{
    [Fact]
    public async Task Request_WithATokenCredential_CarriesATokenForStorage()
    {
        var credential = new FixedCredential();
        using var handler = new KeepingHandler();
        var options = new BlobClientOptions { Transport = new HttpClientTransport(new HttpClient(handler, disposeHandler: false)) };
        var container = new BlobContainerClient(new Uri("https://acc.blob.core.windows.net/c"), credential, options);
        await container.GetBlobClient("b").DownloadContentAsync(TestContext.Current.CancellationToken);

        Assert.Equal("Bearer t0ken", handler.Last!.Headers.Authorization!.ToString());
        Assert.Equal("2026-10-06", Assert.Single(handler.Last.Headers.GetValues("x-ms-version")));
        Assert.Equal(["https://storage.azure.com/.default"], credential.Scopes);
    }

    private sealed class FixedCredential : TokenCredential
    {
        public string[] Scopes { get; private set; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes = requestContext.Scopes;
            return new("t0ken", DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(GetToken(requestContext, cancellationToken));
    }

    private sealed class KeepingHandler : HttpMessageHandler
    {
        public HttpRequestMessage? Last { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Last = request;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([1]) });
        }
    }
}
