using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Relay.Core.Directory;
using Relay.Core.Tests;
using Relay.Functions.Callers;

namespace Relay.Functions.Tests.Reading;

public sealed class CallerTests : IAsyncDisposable
{
    private const string Issuer = "https://login.example/tenant/v2.0";
    private const string Audience = "api://relay";

    private readonly ReadingFixture _fixture = new();
    private readonly RSA _rsa = RSA.Create(2048);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _rsa.Dispose();
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
        await _fixture.CommitAsync(1);
        Assert.Equal(401, await StatusAsync(WithToken(Sign())));
        // A bad proof beside a good one is refused too.
        var request = WithToken(Sign());
        request.HttpContext.Connection.ClientCertificate = _fixture.Certificate;
        Assert.Equal(401, await StatusAsync(request));
    }

    [Fact]
    public async Task Token_EachWayToBeWrong_IsRefused()
    {
        await _fixture.CommitAsync(1);
        UseAuthority();
        using var other = RSA.Create(2048);
        Assert.Equal(200, await StatusAsync(WithToken(Sign())));
        Assert.Equal(403, await StatusAsync(WithToken(Sign(objectId: Guid.NewGuid().ToString()))));
        var bad = new Dictionary<string, string>
        {
            ["other issuer"] = Sign(issuer: "https://login.example/other/v2.0"),
            ["other audience"] = Sign(audience: "api://else"),
            ["expired"] = Sign(expires: _fixture.Time.GetUtcNow().AddMinutes(-3)),
            ["not yet valid"] = Sign(notBefore: _fixture.Time.GetUtcNow().AddMinutes(3), expires: _fixture.Time.GetUtcNow().AddMinutes(9)),
            ["other key"] = Sign(key: other),
            ["no object id"] = Sign(objectId: null),
            ["object id that is none"] = Sign(objectId: "iran"),
            ["unsigned"] = new JsonWebTokenHandler().CreateToken(Descriptor(null)),
            ["bit flipped"] = string.Concat(Sign().AsSpan(0, Sign().Length - 10), "AAAAAAAAAA"),
            ["nothing"] = "",
            ["too long"] = new string('A', 20_000),
        };
        foreach (var (what, token) in bad) Assert.True(await StatusAsync(WithToken(token)) == 401, what);
        Assert.Equal(401, await StatusAsync(ReadingFixture.Request(null, "", headers => headers.Authorization = "Basic aGVsbG8=")));
        Assert.Equal(
            401,
            await StatusAsync(
                ReadingFixture.Request(null, "", headers => headers.Authorization = new[] { $"Bearer {Sign()}", $"Bearer {Sign()}" })));
    }

    [Fact]
    public async Task Token_AuthorityAway_IsUnavailable()
    {
        UseAuthority();
        _fixture.Authority = new Away();
        Assert.Equal(503, await StatusAsync(WithToken(Sign())));
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

    private void UseAuthority()
    {
        _fixture.Options.Authority = new Uri("https://login.example/tenant/v2.0");
        _fixture.Options.Audience = Audience;
        _fixture.Options.Issuer = Issuer;
        var configuration = new OpenIdConnectConfiguration { Issuer = Issuer };
        configuration.SigningKeys.Add(new RsaSecurityKey(_rsa.ExportParameters(false)) { KeyId = "1" });
        _fixture.Authority = new StaticConfigurationManager<OpenIdConnectConfiguration>(configuration);
    }

    private string Sign(
        string issuer = Issuer,
        string audience = Audience,
        string? objectId = "6f1c2b8e-7a55-4d0e-9a3e-2f0a4b8f5c11",
        DateTimeOffset? notBefore = null,
        DateTimeOffset? expires = null,
        RSA? key = null)
    {
        var descriptor = Descriptor(new SigningCredentials(new RsaSecurityKey(key ?? _rsa) { KeyId = "1" }, SecurityAlgorithms.RsaSha256));
        descriptor.Issuer = issuer;
        descriptor.Audience = audience;
        descriptor.NotBefore = (notBefore ?? _fixture.Time.GetUtcNow().AddMinutes(-10)).UtcDateTime;
        descriptor.Expires = (expires ?? _fixture.Time.GetUtcNow().AddMinutes(10)).UtcDateTime;
        descriptor.Subject = objectId is null ? new ClaimsIdentity() : new ClaimsIdentity([new Claim("oid", objectId)]);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    private SecurityTokenDescriptor Descriptor(SigningCredentials? credentials) => new()
    {
        Issuer = Issuer,
        Audience = Audience,
        Expires = _fixture.Time.GetUtcNow().AddMinutes(10).UtcDateTime,
        NotBefore = _fixture.Time.GetUtcNow().AddMinutes(-10).UtcDateTime,
        IssuedAt = _fixture.Time.GetUtcNow().UtcDateTime,
        Subject = new ClaimsIdentity([new Claim("oid", ReadingFixture.ObjectId.ToString())]),
        SigningCredentials = credentials,
    };

    private static HttpRequest WithToken(string token) =>
        ReadingFixture.Request(null, "", headers => headers.Authorization = $"Bearer {token}");

    private static HttpRequest WithHeader(string header) =>
        ReadingFixture.Request(null, "", headers => headers["X-ARR-ClientCert"] = header);

    private async Task<int> StatusAsync(HttpRequest request, string negotiation = TestNegotiation.Name)
    {
        var (response, body) = await ReadingFixture.ExecuteAsync(request, _fixture.ReadLedger.CheckpointAsync(request, negotiation, Token));
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
