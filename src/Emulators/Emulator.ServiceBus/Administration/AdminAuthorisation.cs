using Microsoft.Extensions.Primitives;
using Emulator.ServiceBus.Links;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// Judges the Authorization header as <c>$cbs</c> judges tokens: open mode
/// looks at its form alone, and lets in requests without one; with keys,
/// signature, expiry and the path it is for must be right.
/// </summary>
internal sealed class AdminAuthorisation(TokenValidator tokens)
{
    private const string Bearer = "Bearer ";

    /// <summary>Null lets the request in.</summary>
    /// <param name="header">One value, or none.</param>
    /// <param name="path">What the request is about, normalised.</param>
    /// <param name="host">The authority the client used.</param>
    public AdminFault? Refuse(StringValues header, string path, string host)
    {
        var token = header.Count == 0 ? "" : header[0] ?? "";
        if (token.Length == 0)
        {
            return tokens.IsOpen ? null : AdminFault.Unauthorized("Expected an Authorization header with a token, got none.");
        }
        var isBearer = token.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);
        var fault = isBearer
            ? tokens.Validate("jwt", token[Bearer.Length..], path, out _)
            : tokens.Validate(null, token, path, out _, host);
        return fault switch
        {
            TokenFault.None => null,
            TokenFault.Malformed => AdminFault.Unauthorized("Expected a SAS token (sr, sig, se, skn) or a bearer token, got neither."),
            TokenFault.UnknownKey => AdminFault.Unauthorized("The key name of the token is not known here."),
            TokenFault.BadSignature => AdminFault.Unauthorized("The token's signature is not right."),
            TokenFault.Expired => AdminFault.Unauthorized("The token has expired."),
            TokenFault.WrongAudience => AdminFault.Unauthorized($"The token is not for '{path}'."),
        };
    }
}
