using System.Text;
using System.Text.Json;
using Azure.Core;

namespace Relay.Local;

/// <summary>
/// A credential for the emulators on this machine: an unsigned JWT that names who asks and when it ends. No real service accepts it.
/// </summary>
/// <param name="name">Subject of the token; appears in the emulators' logs at most.</param>
public sealed class LocalCredential(string name, TimeProvider time) : TokenCredential
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        var expires = time.GetUtcNow() + Lifetime;
        var claims = new { sub = name, aud = requestContext.Scopes.FirstOrDefault() ?? "", exp = expires.ToUnixTimeSeconds() };
        return new AccessToken($"{Part(new { alg = "none", typ = "JWT" })}.{Part(claims)}.local", expires);
    }

    /// <inheritdoc/>
    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        ValueTask.FromResult(GetToken(requestContext, cancellationToken));

    private static string Part(object value) =>
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value)));
}
