using System.Diagnostics.CodeAnalysis;

namespace Azure.Security.KeyVault.Keys;

/// <summary>Where a vault says its tokens come from.</summary>
/// <param name="Scope">What to ask a token for, such as <c>https://vault.azure.net/.default</c>.</param>
/// <param name="TenantId">Null when the authority names none.</param>
internal sealed record VaultChallenge(string Scope, string? TenantId)
{
    /// <summary>Reads the first Bearer challenge of a WWW-Authenticate header: RFC 9110 section 11.6.1, RFC 6750 section 3.</summary>
    /// <param name="header">All values of the header, comma separated.</param>
    /// <param name="challenge">Null when false.</param>
    /// <param name="claims">Base64 of the claims a new token must have, where the vault revoked the old one; else null.</param>
    /// <returns>False when there is no Bearer challenge that names a resource or a scope.</returns>
    public static bool TryParse(string? header, [NotNullWhen(true)] out VaultChallenge? challenge, out string? claims)
    {
        challenge = null;
        claims = null;
        if (header is null) return false;

        var start = FindScheme(header);
        if (start < 0) return false;

        var rest = header.AsSpan(start);
        string? resource = null, scope = null, authority = null;
        while (TryReadParameter(ref rest, out var name, out var value))
        {
            if (name.Equals("resource", StringComparison.OrdinalIgnoreCase)) resource ??= value;
            else if (name.Equals("scope", StringComparison.OrdinalIgnoreCase)) scope ??= value;
            else if (name.Equals("authorization", StringComparison.OrdinalIgnoreCase)) authority ??= value;
            else if (name.Equals("authorization_uri", StringComparison.OrdinalIgnoreCase)) authority ??= value;
            else if (name.Equals("claims", StringComparison.OrdinalIgnoreCase)) claims ??= value;
        }

        var wanted = resource is not null ? resource.TrimEnd('/') + "/.default" : scope;
        if (string.IsNullOrEmpty(wanted)) return false;

        challenge = new(wanted, TenantOf(authority));
        return true;
    }

    private static int FindScheme(string header)
    {
        const string Bearer = "Bearer ";
        for (var at = 0; (at = header.IndexOf(Bearer, at, StringComparison.OrdinalIgnoreCase)) >= 0; at += Bearer.Length)
        {
            if (at == 0 || header[at - 1] is ' ' or ',') return at + Bearer.Length;
        }

        return -1;
    }

    // auth-param: token "=" ( token / quoted-string ). Stops at what is not one, such as the scheme of a next challenge.
    private static bool TryReadParameter(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> name, out string value)
    {
        name = default;
        value = string.Empty;
        rest = rest.TrimStart([' ', ',', '\t']);
        var equals = rest.IndexOf('=');
        if (equals <= 0) return false;
        name = rest[..equals].Trim();
        if (name.Contains(' ')) return false;

        rest = rest[(equals + 1)..].TrimStart();
        if (rest.StartsWith("\""))
        {
            var end = rest[1..].IndexOf('"');
            if (end < 0) return false;
            value = rest.Slice(1, end).ToString();
            rest = rest[(end + 2)..];
        }
        else
        {
            var end = rest.IndexOfAny(' ', ',');
            end = end < 0 ? rest.Length : end;
            value = rest[..end].ToString();
            rest = rest[end..];
        }

        return true;
    }

    private static string? TenantOf(string? authority)
    {
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var uri)) return null;
        var tenant = uri.AbsolutePath.Trim('/').Split('/')[0];
        return tenant.Length == 0 ? null : tenant;
    }
}
