using Azure.Core;

namespace Azure.Security.KeyVault.Keys.Cryptography;

/// <summary>Settings of a <see cref="CryptographyClient"/> that uses a vault; not changed after a client has been made with them.</summary>
public class CryptographyClientOptions : ClientOptions
{
    public CryptographyClientOptions(ServiceVersion version = ServiceVersion.V2025_07_01)
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

    /// <inheritdoc cref="KeyClientOptions.DisableChallengeResourceVerification" />
    public bool DisableChallengeResourceVerification { get; set; }

    internal static string GetVersionString(ServiceVersion version) =>
        KeyClientOptions.GetVersionString((KeyClientOptions.ServiceVersion)(int)version);
}
