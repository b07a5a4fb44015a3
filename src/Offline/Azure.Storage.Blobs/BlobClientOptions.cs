using Azure.Core;

namespace Azure.Storage.Blobs;

/// <summary>Settings of a blob client; not changed after a client has been made with them.</summary>
public class BlobClientOptions : ClientOptions
{
    /// <param name="version">
    /// Version of the service's REST API, the newest by default. Azurite refuses versions newer than itself: 3.35 speaks up to
    /// <see cref="ServiceVersion.V2025_11_05"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is no member of the enum.</exception>
    public BlobClientOptions(ServiceVersion version = ServiceVersion.V2026_10_06)
    {
        Version = version;
        _ = VersionString;
    }

    /// <summary>Versions of the service's REST API; those that the application can name.</summary>
    public enum ServiceVersion
    {
        V2025_11_05 = 28,
        V2026_02_06 = 29,
        V2026_04_06 = 30,
        V2026_06_06 = 31,
        V2026_10_06 = 32,
    }

    public ServiceVersion Version { get; }

    internal string VersionString => Version switch
    {
        ServiceVersion.V2025_11_05 => "2025-11-05",
        ServiceVersion.V2026_02_06 => "2026-02-06",
        ServiceVersion.V2026_04_06 => "2026-04-06",
        ServiceVersion.V2026_06_06 => "2026-06-06",
        ServiceVersion.V2026_10_06 => "2026-10-06",
        _ => throw new ArgumentOutOfRangeException(nameof(Version), Version, "No such service version."),
    };
}
