using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Relay.Core.Directory;
using Relay.Core.Tests;
using Relay.Functions.Callers;

namespace Relay.Functions.Tests.Reading;

public sealed class CallerTests : IAsyncDisposable
{
    private readonly ReadingFixture _fixture = new();
    private readonly TestAuthority _authority;

    public CallerTests() => _authority = new TestAuthority(_fixture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _authority.Dispose();
        return _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Certificate_NamedKey_IsLetInAndNoOther()
    {
        await _fixture.CommitAsync(1);
        Assert.Equal(200, await StatusAsync(ReadingFixture.Request(_fixture.Certificate)));
        Assert.Equal(403, await StatusAsync(ReadingFixture.Request(_fixture.Stranger)));
        Assert.Equal(401, await StatusAsync(ReadingFixture.Request(null)));
        // A stranger is not told whether there is such a negotiation.
        Assert.Equal(403, await StatusAsync(ReadingFixture.Request(_fixture.Certificate), "nowhere"));
        _fixture.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(401, await StatusAsync(ReadingFixture.Request(_fixture.Certificate)));
    }

    [Fact]
    public async Task Directory_CannotBeRead_NobodyIsLetIn()
    {
        _fixture.Source.Answer = (_, _) => new DirectoryRead(DirectoryReadStatus.Unavailable, default, null);
        Assert.Equal(503, await StatusAsync(ReadingFixture.Request(_fixture.Certificate)));
    }

    [Theory]
    [InlineData(false, false, false, 401)]
    [InlineData(true, false, false, 401)]
    [InlineData(false, true, true, 401)]
    [InlineData(true, true, false, 401)]
    [InlineData(true, true, true, 200)]
    public async Task FrontEndHeader_IsHeededInAppServiceThatIsSetToAskForCertificatesAlone(
        bool option, bool site, bool instance, int status)
    {
        await _fixture.CommitAsync(1);
        _fixture.Options.FrontEndCertificates = option;
        if (site) _fixture.Platform["WEBSITE_SITE_NAME"] = "relay";
        if (instance) _fixture.Platform["WEBSITE_INSTANCE_ID"] = "0";
        Assert.Equal(status, await StatusAsync(WithHeader(Convert.ToBase64String(_fixture.Certificate.RawData))));
    }

    [Fact]
    public async Task FrontEndHeader_AnythingButOneCertificate_IsRefused()
    {
        _fixture.Options.FrontEndCertificates = true;
        _fixture.Platform["WEBSITE_SITE_NAME"] = "relay";
        _fixture.Platform["WEBSITE_INSTANCE_ID"] = "0";
        var good = Convert.ToBase64String(_fixture.Certificate.RawData);
        foreach (var header in new[] { "", "hello", "AAAA", good[..^8], new string('A', 20_000) })
        {
            Assert.Equal(401, await StatusAsync(WithHeader(header)));
        }

        Assert.Equal(403, await StatusAsync(WithHeader(Convert.ToBase64String(_fixture.Stranger.RawData))));
        // What TLS says of the connection itself goes before what a header says.
        var request = WithHeader(good);
        request.HttpContext.Connection.ClientCertificate = _fixture.Stranger;
        Assert.Equal(403, await StatusAsync(request));
    }

    [Fact]
    public async Task Token_WithoutAnAuthority_IsRefused()
    {
        _fixture.Authority = null;
        await _fixture.CommitAsync(1);
        Assert.Equal(401, await StatusAsync(TestAuthority.WithToken(_authority.Sign())));
        // A bad proof beside a good one is refused too.
        var request = TestAuthority.WithToken(_authority.Sign());
        request.HttpContext.Connection.ClientCertificate = _fixture.Certificate;
        Assert.Equal(401, await StatusAsync(request));
    }

    [Fact]
    public async Task Token_EachWayToBeWrong_IsRefused()
    {
        await _fixture.CommitAsync(1);
        using var other = RSA.Create(2048);
        Assert.Equal(200, await StatusAsync(TestAuthority.WithToken(_authority.Sign())));
        Assert.Equal(403, await StatusAsync(TestAuthority.WithToken(_authority.Sign(objectId: Guid.NewGuid().ToString()))));
        var bad = new Dictionary<string, string>
        {
            ["other issuer"] = _authority.Sign(issuer: "https://login.example/other/v2.0"),
            ["other audience"] = _authority.Sign(audience: "api://else"),
            ["expired"] = _authority.Sign(expires: _fixture.Time.GetUtcNow().AddMinutes(-3)),
            ["not yet valid"] = _authority.Sign(
                notBefore: _fixture.Time.GetUtcNow().AddMinutes(3), expires: _fixture.Time.GetUtcNow().AddMinutes(9)),
            ["other key"] = _authority.Sign(key: other),
            ["no object id"] = _authority.Sign(objectId: null),
            ["object id that is none"] = _authority.Sign(objectId: "iran"),
            ["unsigned"] = _authority.Unsigned(),
            ["bit flipped"] = string.Concat(_authority.Sign().AsSpan(0, _authority.Sign().Length - 10), "AAAAAAAAAA"),
            ["nothing"] = "",
            ["too long"] = new string('A', 20_000),
        };
        foreach (var (what, token) in bad) Assert.True(await StatusAsync(TestAuthority.WithToken(token)) == 401, what);
        Assert.Equal(401, await StatusAsync(ReadingFixture.Request(null, "", headers => headers.Authorization = "Basic aGVsbG8=")));
        var twice = new[] { $"Bearer {_authority.Sign()}", $"Bearer {_authority.Sign()}" };
        Assert.Equal(401, await StatusAsync(ReadingFixture.Request(null, "", headers => headers.Authorization = twice)));
    }

    [Fact]
    public async Task Token_AuthorityAway_IsUnavailable()
    {
        _fixture.Authority = new Away();
        Assert.Equal(503, await StatusAsync(TestAuthority.WithToken(_authority.Sign())));
    }

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData("https://login.example/t", "a", "i", true)]
    [InlineData("http://login.example/t", "a", "i", false)]
    [InlineData("https://login.example/t", null, "i", false)]
    [InlineData("https://login.example/t", "a", null, false)]
    [InlineData(null, "a", null, false)]
    public void Options_HalfSet_DoNotStart(string? authority, string? audience, string? issuer, bool valid) =>
        Assert.Equal(
            valid,
            new CallerOptionsValidator().Validate(
                null,
                new CallerOptions
                {
                    Authority = authority is null ? null : new Uri(authority),
                    Audience = audience,
                    Issuer = issuer,
                }).Succeeded);

    private static HttpRequest WithHeader(string header) =>
        ReadingFixture.Request(null, "", headers => headers["X-ARR-ClientCert"] = header);

    private async Task<int> StatusAsync(HttpRequest request, string negotiation = TestNegotiation.Name)
    {
        var (response, body) = await _fixture.CallAsync(
            request, "ReadCheckpoint", negotiation, () => _fixture.ReadLedger.CheckpointAsync(request, negotiation, Token));
        if (response.StatusCode != 200)
        {
            Assert.StartsWith("urn:relay:", JsonNode.Parse(body)!["type"]!.GetValue<string>(), StringComparison.Ordinal);
        }
        Assert.Equal(response.StatusCode == 401, response.Headers.WWWAuthenticate.Count == 1);
        return response.StatusCode;
    }

    private sealed class Away : IConfigurationManager<OpenIdConnectConfiguration>
    {
        public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) =>
            throw new InvalidOperationException("IDX20803");

        public void RequestRefresh()
        {
        }
    }
}
