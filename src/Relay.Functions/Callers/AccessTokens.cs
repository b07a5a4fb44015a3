using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Relay.Functions.Callers;

/// <summary>
/// Validates Entra access tokens: signature by the authority's keys, issuer, audience and lifetime.
/// Without an authority in the settings every token is refused. Safe for concurrent use.
/// </summary>
public sealed class AccessTokens
{
    private const string Scheme = "Bearer ";
    private const int MaxToken = 16 * 1_024;

    // App roles that the authority assigned; an array of them is as many claims.
    private const string Roles = "roles";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    private readonly CallerOptions _options;
    private readonly TimeProvider _time;
    private readonly IConfigurationManager<OpenIdConnectConfiguration>? _authority;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxToken };

    /// <summary>Validates by the settings' authority.</summary>
    public AccessTokens(IOptions<CallerOptions> options, TimeProvider time)
        : this(options, Authority(options), time)
    {
    }

    internal AccessTokens(IOptions<CallerOptions> options, IConfigurationManager<OpenIdConnectConfiguration>? authority, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _authority = authority;
        _time = time;
    }

    /// <summary>Validates the token of an <c>Authorization</c> header.</summary>
    public async ValueTask<AccessTokenRead> ValidateAsync(StringValues authorization, CancellationToken cancellationToken)
    {
        if (authorization.Count != 1
            || authorization[0] is not { } header
            || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Refused("expected one bearer token, got something else");
        }
        if (_authority is null) return Refused("expected no token, as this relay takes none");
        if (header.Length > MaxToken) return Refused($"expected a token of at most {MaxToken} characters, got {header.Length}");
        OpenIdConnectConfiguration keys;
        try
        {
            keys = await _authority.GetConfigurationAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            return new AccessTokenRead(null, "expected the keys of the token's authority, they cannot be read now", true);
        }

        var result = await _handler.ValidateTokenAsync(header[Scheme.Length..].Trim(), Parameters(keys));
        if (!result.IsValid)
        {
            // A key that is not known may be a new one; the manager asks again at most every few minutes.
            if (result.Exception is SecurityTokenSignatureKeyNotFoundException) _authority.RequestRefresh();
            return Refused("expected a token by the authority for this relay, signed and in date, got another");
        }

        return result.Claims.TryGetValue("oid", out var oid) && Guid.TryParseExact(oid as string, "D", out var id)
            ? new AccessTokenRead(id, "", false)
            {
                Roles = [.. result.ClaimsIdentity.Claims.Where(claim => claim.Type == Roles).Select(claim => claim.Value)],
            }
            : Refused("expected a token with an object id (oid), got one without");
    }

    private static AccessTokenRead Refused(string problem) => new(null, problem, false);

    private static ConfigurationManager<OpenIdConnectConfiguration>? Authority(IOptions<CallerOptions> options) =>
        options.Value.Authority is not { } authority
            ? null
            : new ConfigurationManager<OpenIdConnectConfiguration>(
                $"{authority.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration",
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever { RequireHttps = true });

    private TokenValidationParameters Parameters(OpenIdConnectConfiguration keys) => new()
    {
        ValidIssuer = _options.Issuer,
        ValidAudience = _options.Audience,
        IssuerSigningKeys = keys.SigningKeys,
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256],
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        LifetimeValidator = (begin, end, _, _) =>
        {
            var now = _time.GetUtcNow().UtcDateTime;
            return end is { } until && now <= until + ClockSkew && (begin is not { } from || from - ClockSkew <= now);
        },
    };
}

/// <summary>What a token says.</summary>
/// <param name="ObjectId">Whose it is; null when refused.</param>
/// <param name="Problem">What was expected and what came; empty with an id.</param>
/// <param name="Unavailable">The authority's keys cannot be read now.</param>
public readonly record struct AccessTokenRead(Guid? ObjectId, string Problem, bool Unavailable)
{
    /// <summary>App roles in it; empty when refused.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];
}
