using System.Collections.Concurrent;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Security.KeyVault.Keys;

/// <summary>
/// Finds out from the vault itself where its tokens come from: the first request to an authority goes without token and without body, and is
/// sent again in full once the answer's challenge has named a scope and a tenant. Later requests are authorized at once.
/// </summary>
/// <remarks>Behaviour of the official client, observed on the wire on 2026-11-22.</remarks>
internal sealed class ChallengeAuthenticationPolicy(TokenCredential credential, bool verifyResource) : BearerTokenAuthenticationPolicy(credential, [])
{
    private const string StashedContent = "Azure.Security.KeyVault.Keys.StashedContent";

    // By host:port, for the process, as in the official client: a second client of the same vault needs no challenge. One entry per vault in use.
    private static readonly ConcurrentDictionary<string, VaultChallenge> Known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Forgets every challenge, so that a test sees a first request.</summary>
    internal static void ForgetAll() => Known.Clear();

    protected override void AuthorizeRequest(HttpMessage message)
    {
        if (Prepare(message) is { } context) AuthenticateAndAuthorizeRequest(message, context);
    }

    protected override async ValueTask AuthorizeRequestAsync(HttpMessage message)
    {
        if (Prepare(message) is { } context) await AuthenticateAndAuthorizeRequestAsync(message, context).ConfigureAwait(false);
    }

    protected override bool AuthorizeRequestOnChallenge(HttpMessage message)
    {
        if (Answer(message) is not { } context) return false;
        AuthenticateAndAuthorizeRequest(message, context);
        return true;
    }

    protected override async ValueTask<bool> AuthorizeRequestOnChallengeAsync(HttpMessage message)
    {
        if (Answer(message) is not { } context) return false;
        await AuthenticateAndAuthorizeRequestAsync(message, context).ConfigureAwait(false);
        return true;
    }

    // Null: send without token, to be challenged.
    private static TokenRequestContext? Prepare(HttpMessage message)
    {
        if (!string.Equals(message.Request.Uri.Scheme, Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException("Bearer token authentication is not permitted for non TLS protected (https) endpoints.");
        }

        if (Known.TryGetValue(AuthorityOf(message), out var challenge)) return Context(message, challenge, claims: null);

        // A body must not reach a host that has not yet named the authority it trusts.
        if (message.Request.Content is { } content)
        {
            message.SetProperty(StashedContent, content);
            message.Request.Content = null;
        }

        return null;
    }

    // Null: the challenge cannot be answered, so the 401 goes to the caller.
    private TokenRequestContext? Answer(HttpMessage message)
    {
        if (message.Request.Content is null && message.TryGetProperty(StashedContent, out var content))
        {
            message.Request.Content = content as RequestContent;
        }

        var header = message.Response.Headers.TryGetValue("WWW-Authenticate", out var value) ? value : null;
        if (!VaultChallenge.TryParse(header, out var challenge, out var claims))
        {
            return null;
        }

        if (verifyResource) VerifyResource(message.Request.Uri.ToUri(), challenge);
        Known[AuthorityOf(message)] = challenge;
        return Context(message, challenge, DecodeClaims(claims));
    }

    private static void VerifyResource(Uri request, VaultChallenge challenge)
    {
        if (!Uri.TryCreate(challenge.Scope, UriKind.Absolute, out var scope))
        {
            throw new InvalidOperationException($"The challenge contains an invalid scope '{challenge.Scope}'.");
        }

        if (!request.Host.EndsWith("." + scope.Host, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                $"The challenge resource '{scope.Host}' does not match the requested domain '{request.Host}'. " +
                "Set DisableChallengeResourceVerification to true in the client options to disable this check, as for an emulator.");
        }
    }

    private static TokenRequestContext Context(HttpMessage message, VaultChallenge challenge, string? claims) =>
        new([challenge.Scope], message.Request.ClientRequestId, claims, challenge.TenantId, isCaeEnabled: true);

    private static string? DecodeClaims(string? claims)
    {
        if (claims is null) return null;
        Span<byte> bytes = new byte[claims.Length];
        return Convert.TryFromBase64String(claims, bytes, out var written) ? Encoding.UTF8.GetString(bytes[..written]) : null;
    }

    private static string AuthorityOf(HttpMessage message) => $"{message.Request.Uri.Host}:{message.Request.Uri.Port}";
}
