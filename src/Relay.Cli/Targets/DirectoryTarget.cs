using Azure.Identity;
using Azure.Storage.Blobs;
using Relay.Cli.Parsing;
using Relay.Client.Files;
using Relay.Local;

namespace Relay.Cli.Targets;

/// <summary>Where a relay reads its negotiation documents: a blob container, or the folder of a local stack.</summary>
internal sealed class DirectoryTarget(string stateFolder, Uri? container)
{
    /// <summary>What a container's address looks like.</summary>
    public const string Example = "https://account.blob.core.windows.net/directory";

    /// <summary>Puts a document there in place of an older one of that negotiation.</summary>
    /// <returns>Where it is.</returns>
    public async Task<string> PutAsync(string negotiation, byte[] document, CancellationToken cancellationToken)
    {
        if (container is null)
        {
            return LocalDirectory.Put(stateFolder, negotiation, document);
        }

        if (container.IsFile)
        {
            var path = Path.Combine(container.LocalPath, negotiation + ".json");
            PrivateFile.Write(path, document);
            return path;
        }

        var client = AddressValues.IsSigned(container)
            ? new BlobContainerClient(container)
            : new BlobContainerClient(container, new DefaultAzureCredential());
        var blob = client.GetBlobClient(negotiation + ".json");
        await blob.UploadAsync(BinaryData.FromBytes(document), overwrite: true, cancellationToken);
        return blob.Uri.GetLeftPart(UriPartial.Path);
    }
}
