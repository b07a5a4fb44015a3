using System.Text;
using System.Text.Json;
using Azure.Core;

namespace Relay.Local;

/// <summary>
/// A credential for the emulators on this machine: an unsigned JWT that names who asks and when it ends. No real service accepts it.
/// </summary>
/// <remarks>
/// It is renewed each hour, by the clock of whoever shows it, and ends long after: the vault's clock can be moved on beside that one
/// (<c>relay chaos time=+1h</c>), and a token that is cached would then be refused until that hour is over.
/// </remarks>
/// <param name="name">Subject of the token; appears in the emulators' logs at most.</param>
public sealed class LocalCredential(string name, TimeProvider time) : TokenCredential
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    // As far as a stack's clocks can be moved.
    private static readonly TimeSpan Longer = TimeSpan.FromDays(3650);

    /// <inheritdoc/>
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        var expires = time.GetUtcNow() + Lifetime;
        var claims = new { sub = name, aud = requestContext.Scopes.FirstOrDefault() ?? "", exp = (expires + Longer).ToUnixTimeSeconds() };
        return new AccessToken($"{Part(new { alg = "none", typ = "JWT" })}.{Part(claims)}.local", expires);
    }

    /// <inheritdoc/>
    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        ValueTask.FromResult(GetToken(requestContext, cancellationToken));

    private static string Part(object value) =>
        System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(value)));
}
