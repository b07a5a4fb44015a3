using Relay.Testing;

[assembly: AssemblyFixture(typeof(Azurite))]

namespace Azure.Storage.Blobs.Tests;

internal static class AzuriteContainers
{
    /// <summary>A client for a container of a unique name, which is not there yet.</summary>
    public static async Task<BlobContainerClient> NewContainerAsync(this Azurite azurite, string? name = null, BlobClientOptions? options = null)
    {
        options ??= new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05);
        options.Retry.MaxRetries = 0;
        return new BlobContainerClient(await azurite.ConnectionStringAsync(), name ?? $"c-{Guid.NewGuid():N}", options);
    }
}
