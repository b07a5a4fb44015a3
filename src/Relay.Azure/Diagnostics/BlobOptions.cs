using Azure.Storage.Blobs;

namespace Relay.Azure.Diagnostics;

/// <summary>How the clients of Blob Storage behave, those of the ledger and of the directory alike.</summary>
internal static class BlobOptions
{
    /// <summary>
    /// Three more attempts after 0.2, 0.4 and 0.8 s: the client's own four seconds before the second one are most of a caller's deadline,
    /// and a connection that was reset is there again at once. A <c>Retry-After</c> of the service is kept.
    /// </summary>
    public static BlobClientOptions Create()
    {
        // Emulators refuse versions newer than themselves, and nothing newer is needed.
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05);
        options.Retry.MaxRetries = 3;
        options.Retry.Delay = TimeSpan.FromSeconds(0.2);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(1);
        return options;
    }
}
