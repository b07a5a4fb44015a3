using System.Buffers.Text;
using System.Text.Json;

namespace Emulator.KeyVault.Http;

/// <summary>
/// Says whether a request carries a usable bearer token. Any well-formed
/// one is: an emulator has no authority to ask. What can be told without
/// one is told: a JSON Web Token past its time is refused, so that clients which forget to renew show it here.
/// </summary>
internal static class BearerTokens
{
    public const int MaxCharacters = 16 * 1024;

    /// <summary>What to ask a token for and where: RFC 6750 section 3, with the service's parameters.</summary>
    public const string Challenge =
        "Bearer authorization=\"https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000\", "
            + "resource=\"https://vault.azure.net\"";

    private const string Scheme = "Bearer ";

    /// <param name="header">The Authorization header's value; null when there is none.</param>
    /// <param name="now">Compared with the token's <c>exp</c>: RFC 7519 section 4.1.4.</param>
    /// <param name="reason">What was expected and what came; empty when true. Never quotes the token.</param>
    public static bool TryAccept(string? header, DateTimeOffset now, out string reason)
    {
        reason = string.Empty;
        if (string.IsNullOrEmpty(header)) return Refuse(out reason, "Request is missing a Bearer token.");
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Refuse(out reason, "Expected a Bearer token, got another scheme.");
        }

        var token = header.AsSpan(Scheme.Length).Trim(' ');
        if (token.Length is 0 or > MaxCharacters || !IsToken68(token)) return Refuse(out reason, "The Bearer token is malformed.");
        if (TryReadExpiry(token, out var expires) && expires <= now.ToUnixTimeSeconds())
        {
            return Refuse(out reason, "The Bearer token has expired.");
        }
        return true;
    }

    // token68 of RFC 9110 section 11.2.
    private static bool IsToken68(ReadOnlySpan<char> token)
    {
        var body = token.TrimEnd('=');
        if (body.IsEmpty) return false;
        foreach (var character in body)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '.' or '_' or '~' or '+' or '/')) return false;
        }

        return true;
    }

    // False for whatever is no JSON Web Token with a time: such a token means nothing to us, and is taken.
    private static bool TryReadExpiry(ReadOnlySpan<char> token, out double expires)
    {
        expires = 0;
        var first = token.IndexOf('.');
        var last = token.LastIndexOf('.');
        if (first < 0 || last == first) return false;
        var payload = token[(first + 1)..last];
        if (payload.IsEmpty || !Base64Url.IsValid(payload)) return false;
        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(payload), new JsonDocumentOptions { MaxDepth = 16 });
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("exp", out var exp)
                && exp.ValueKind == JsonValueKind.Number
                && exp.TryGetDouble(out expires);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Refuse(out string reason, string because)
    {
        reason = because;
        return false;
    }
}
