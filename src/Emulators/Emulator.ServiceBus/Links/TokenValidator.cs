using Emulator.ServiceBus.Topology;


namespace Emulator.ServiceBus.Links;

/// <summary>Why a token was refused.</summary>
internal enum TokenFault
{
    None,
    Malformed,
    UnknownKey,
    BadSignature,
    Expired,
    WrongAudience,
}

/// <summary>What a token allows on its connection.</summary>
/// <param name="Path">Everything at or below this entity path; empty for the whole namespace.</param>
/// <param name="ExpiresAt">Until when.</param>
/// <param name="KeyName">Of the key that it is signed with; null for a token of none.</param>
internal readonly record struct TokenGrant(string Path, DateTimeOffset ExpiresAt, string? KeyName = null)
{
    public bool Covers(string path) =>
        Path.Length == 0
        || (path.StartsWith(Path, StringComparison.OrdinalIgnoreCase) && (path.Length == Path.Length || path[Path.Length] == '/'));
}

/// <summary>
/// Judges tokens. Open mode (no keys configured) looks at the form alone, as the official emulator does; with keys, SAS signatures,
/// expiry and audience must be right and JWTs are refused.
/// </summary>
/// <param name="keys">Key by name; null for open mode.</param>
/// <param name="time">Judges expiry.</param>
internal sealed class TokenValidator(IReadOnlyDictionary<string, string>? keys, TimeProvider time)
{
    public bool IsOpen => keys is null;

    /// <param name="type">What the client says it is; null for not said.</param>
    /// <param name="token">The token.</param>
    /// <param name="audience">What it must be for.</param>
    /// <param name="grant">What it allows, when it is right.</param>
    /// <param name="host">Authority the client uses, where tokens may name it without a scheme; else null.</param>
    public TokenFault Validate(string? type, string token, string audience, out TokenGrant? grant, string? host = null)
    {
        grant = null;
        var isJwt = type is "jwt" or "amqp:jwt"
            || (!token.StartsWith(SasToken.Scheme, StringComparison.OrdinalIgnoreCase) && token.Split('.').Length == 3);
        if (isJwt)
        {
            // There is no issuer here to check one against.
            if (keys is not null) return TokenFault.UnknownKey;
            grant = new TokenGrant("", DateTimeOffset.MaxValue);
            return TokenFault.None;
        }

        if (!SasToken.TryParse(token, out var sas)) return TokenFault.Malformed;
        if (keys is not null)
        {
            if (!keys.TryGetValue(sas.KeyName, out var key)) return TokenFault.UnknownKey;
            if (!sas.IsSignedWith(key)) return TokenFault.BadSignature;
            if (sas.ExpiresAt <= time.GetUtcNow()) return TokenFault.Expired;
            if (!new TokenGrant(PathOf(sas.Resource, host), sas.ExpiresAt).Covers(EntityPath.Normalise(audience)))
            {
                return TokenFault.WrongAudience;
            }
        }

        grant = new TokenGrant(PathOf(sas.Resource, host), sas.ExpiresAt, sas.KeyName);
        return TokenFault.None;
    }

    /// <summary>The entity path in an audience; JS signs the whole URL of an administration request, its query included.</summary>
    private static string PathOf(string resource, string? host)
    {
        var query = resource.IndexOf('?', StringComparison.Ordinal);
        var address = query < 0 ? resource : resource[..query];
        if (host is not null && address.StartsWith(host, StringComparison.OrdinalIgnoreCase)) address = address[host.Length..];
        return EntityPath.Normalise(address);
    }
}
