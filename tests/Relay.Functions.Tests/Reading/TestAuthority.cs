using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Relay.Functions.Tests.Reading;

/// <summary>An authority of tokens that a fixture's app believes.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string Issuer = "https://login.example/tenant/v2.0";
    private const string Audience = "api://relay";

    private readonly ReadingFixture _fixture;
    private readonly RSA _rsa = RSA.Create(2048);

    public TestAuthority(ReadingFixture fixture)
    {
        _fixture = fixture;
        fixture.Options.Authority = new Uri(Issuer);
        fixture.Options.Audience = Audience;
        fixture.Options.Issuer = Issuer;
        var configuration = new OpenIdConnectConfiguration { Issuer = Issuer };
        configuration.SigningKeys.Add(new RsaSecurityKey(_rsa.ExportParameters(false)) { KeyId = "1" });
        fixture.Authority = new StaticConfigurationManager<OpenIdConnectConfiguration>(configuration);
    }

    public static HttpRequest WithToken(string token) =>
        ReadingFixture.Request(null, "", headers => headers.Authorization = $"Bearer {token}");

    /// <summary>A token; in date, for the app, of the member that the document names, unless told.</summary>
    public string Sign(
        string issuer = Issuer,
        string audience = Audience,
        string? objectId = "6f1c2b8e-7a55-4d0e-9a3e-2f0a4b8f5c11",
        DateTimeOffset? notBefore = null,
        DateTimeOffset? expires = null,
        RSA? key = null,
        IEnumerable<Claim>? claims = null) =>
        Create(
            new SigningCredentials(new RsaSecurityKey(key ?? _rsa) { KeyId = "1" }, SecurityAlgorithms.RsaSha256),
            issuer,
            audience,
            notBefore,
            expires,
            objectId is null ? claims ?? [] : [new Claim("oid", objectId), .. claims ?? []]);

    /// <summary>A token that nobody has signed.</summary>
    public string Unsigned() =>
        Create(null, Issuer, Audience, null, null, [new Claim("oid", ReadingFixture.ObjectId.ToString())]);

    public void Dispose() => _rsa.Dispose();

    private string Create(
        SigningCredentials? credentials,
        string issuer,
        string audience,
        DateTimeOffset? notBefore,
        DateTimeOffset? expires,
        IEnumerable<Claim> claims) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = (notBefore ?? _fixture.Time.GetUtcNow().AddMinutes(-10)).UtcDateTime,
            Expires = (expires ?? _fixture.Time.GetUtcNow().AddMinutes(10)).UtcDateTime,
            IssuedAt = _fixture.Time.GetUtcNow().UtcDateTime,
            Subject = new ClaimsIdentity(claims),
            SigningCredentials = credentials,
        });
}
