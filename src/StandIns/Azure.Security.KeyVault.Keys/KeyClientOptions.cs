using Azure.Core;

namespace Azure.Security.KeyVault.Keys;

/// <summary>Settings of a <see cref="KeyClient"/>; not changed after a client has been made with them.</summary>
public class KeyClientOptions : ClientOptions
{
    /// <param name="version">Version of the service's REST API; the newest by default.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is no member of the enum.</exception>
    public KeyClientOptions(ServiceVersion version = ServiceVersion.V2025_07_01)
    {
        Version = version;
        _ = GetVersionString(version);
    }

    /// <summary>Versions of the service's REST API.</summary>
    public enum ServiceVersion
    {
        V7_0 = 0,
        V7_1 = 1,
        V7_2 = 2,
        V7_3 = 3,
        V7_4 = 4,
        V7_5 = 5,
        V7_6 = 6,
        V2025_07_01 = 7,
    }

    public ServiceVersion Version { get; }

    /// <summary>
    /// True allows a challenge whose resource is not the vault's own domain, which an emulator on localhost needs. False by default:
    /// such a challenge is refused, so that no token goes to a host that merely asks for it.
    /// </summary>
    public bool DisableChallengeResourceVerification { get; set; }

    internal static string GetVersionString(ServiceVersion version) => version switch
    {
        ServiceVersion.V7_0 => "7.0",
        ServiceVersion.V7_1 => "7.1",
        ServiceVersion.V7_2 => "7.2",
        ServiceVersion.V7_3 => "7.3",
        ServiceVersion.V7_4 => "7.4",
        ServiceVersion.V7_5 => "7.5",
        ServiceVersion.V7_6 => "7.6",
        ServiceVersion.V2025_07_01 => "2025-07-01",
        _ => throw new ArgumentOutOfRangeException(nameof(version), version, "No such service version."),
    };
}
