using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Functions.Callers;

/// <summary>
/// Settings under <c>Relay:Callers</c>: how those who read a negotiation prove who they
/// are. With none set, only a client certificate on the connection itself counts.
/// </summary>
public sealed class CallerOptions
{
    public const string SectionName = "Relay:Callers";

    /// <summary>
    /// True when the app is set to ask for client certificates (<c>clientCertEnabled</c>): the platform's
    /// front end, which ends TLS, then writes the certificate into <c>X-ARR-ClientCert</c> over whatever
    /// a caller sent. Default false. Heeded only inside App Service, which says so by
    /// <c>WEBSITE_SITE_NAME</c> and <c>WEBSITE_INSTANCE_ID</c>: anywhere else the header is anybody's.
    /// </summary>
    public bool FrontEndCertificates { get; set; }

    /// <summary>Entra authority, e.g. <c>https://login.microsoftonline.com/{tenant}/v2.0</c>; null takes no tokens. HTTPS.</summary>
    public Uri? Authority { get; set; }

    /// <summary>Audience a token must be for; required with <see cref="Authority"/>.</summary>
    [MaxLength(256)]
    public string? Audience { get; set; }

    /// <summary>
    /// Issuer a token must be by; required with <see cref="Authority"/>, so that a multi-tenant authority does not let every tenant in.
    /// </summary>
    [MaxLength(256)]
    public string? Issuer { get; set; }
}

/// <summary>Checks <see cref="CallerOptions"/> at start.</summary>
internal sealed class CallerOptionsValidator : IValidateOptions<CallerOptions>
{
    public ValidateOptionsResult Validate(string? name, CallerOptions options)
    {
        if (options.Authority is null)
        {
            return options.Audience is null && options.Issuer is null
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"{CallerOptions.SectionName}: Audience and Issuer mean nothing without Authority.");
        }

        var failures = new List<string>();
        if (!options.Authority.IsAbsoluteUri || options.Authority.Scheme != Uri.UriSchemeHttps)
        {
            failures.Add($"{CallerOptions.SectionName}:Authority: expected an https address, got '{options.Authority}'.");
        }
        if (string.IsNullOrEmpty(options.Audience))
        {
            failures.Add($"{CallerOptions.SectionName}:Audience: expected the audience of tokens, got none.");
        }
        if (string.IsNullOrEmpty(options.Issuer))
        {
            failures.Add($"{CallerOptions.SectionName}:Issuer: expected the issuer of tokens, got none.");
        }
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
