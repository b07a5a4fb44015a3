using Microsoft.Extensions.Configuration;

namespace Relay.Functions.Callers;

/// <summary>Whether App Service's front end is before this app, whose headers may then be believed.</summary>
internal static class FrontEnd
{
    /// <summary>True inside App Service, by the two variables that it sets, and only where the deployment says so.</summary>
    public static bool VouchesFor(CallerOptions options, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return options.FrontEndCertificates
            && configuration["WEBSITE_SITE_NAME"] is { Length: > 0 }
            && configuration["WEBSITE_INSTANCE_ID"] is { Length: > 0 };
    }
}
