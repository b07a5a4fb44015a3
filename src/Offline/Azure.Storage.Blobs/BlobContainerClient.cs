using Azure.Core;
using Azure.Storage.Blobs.Models;

namespace Azure.Storage.Blobs;

/// <summary>One container. Safe for concurrent use; meant to be made once and kept.</summary>
public class BlobContainerClient
{
    private readonly StoragePipeline _pipeline;
    private readonly StorageAddress _address;

    /// <param name="connectionString">With an account key, or <c>UseDevelopmentStorage=true</c> for an emulator on this machine.</param>
    /// <param name="blobContainerName">3 to 63 characters, lower case.</param>
    /// <exception cref="FormatException">The connection string has a part missing or malformed.</exception>
    public BlobContainerClient(string connectionString, string blobContainerName)
        : this(connectionString, blobContainerName, null)
    {
    }

    /// <inheritdoc cref="BlobContainerClient(string, string)" />
    public BlobContainerClient(string connectionString, string blobContainerName, BlobClientOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(blobContainerName);
        var connection = StorageConnectionString.Parse(connectionString);
        Uri = StorageAddress.Append(connection.BlobEndpoint, blobContainerName);
        _address = new(connection.AccountName, blobContainerName, string.Empty);
        _pipeline = StoragePipeline.ForKey(connection, options);
    }

    /// <param name="blobContainerUri">Such as <c>https://account.blob.core.windows.net/container</c>; https.</param>
    /// <param name="credential">Asked for tokens for <c>https://storage.azure.com/.default</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is not https.</exception>
    public BlobContainerClient(Uri blobContainerUri, TokenCredential credential, BlobClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(blobContainerUri);
        Uri = blobContainerUri;
        _address = StorageAddress.Parse(blobContainerUri);
        _pipeline = StoragePipeline.ForToken(blobContainerUri, credential, options);
    }

    /// <summary>For fakes in tests, which override what they need.</summary>
    protected BlobContainerClient() => (Uri, _pipeline, _address) = (null!, null!, null!);

    public virtual Uri Uri { get; }

    public virtual string AccountName => _address.AccountName;

    public virtual string Name => _address.ContainerName;

    /// <summary>Makes the container where it does not exist.</summary>
    /// <returns>Null when it existed already, as in the official package.</returns>
    public virtual async Task<Response<BlobContainerInfo>> CreateIfNotExistsAsync(
        PublicAccessType publicAccessType = PublicAccessType.None,
        IDictionary<string, string>? metadata = null,
        CancellationToken cancellationToken = default)
    {
        var request = ContainerRequest(RequestMethod.Put);
        if (publicAccessType != PublicAccessType.None)
        {
            request.Headers.Add("x-ms-blob-public-access", publicAccessType == PublicAccessType.Blob ? "blob" : "container");
        }

        BlobResponses.WriteMetadata(request.Headers, metadata);
        try
        {
            var response = await _pipeline.SendAsync(request, [201], cancellationToken).ConfigureAwait(false);
            return Response.FromValue(
                new BlobContainerInfo { ETag = BlobResponses.ETagOf(response), LastModified = BlobResponses.LastModifiedOf(response) }, response);
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.ContainerAlreadyExists)
        {
            return null!;
        }
    }

    public virtual async Task<Response<bool>> ExistsAsync(CancellationToken cancellationToken = default)
    {
        var response = await _pipeline.SendAsync(ContainerRequest(RequestMethod.Get), [200, 404], cancellationToken).ConfigureAwait(false);
        return Response.FromValue(response.Status == 200, response);
    }

    /// <summary>Deletes the container with all its blobs; false when there was none.</summary>
    public virtual async Task<Response<bool>> DeleteIfExistsAsync(BlobRequestConditions? conditions = null, CancellationToken cancellationToken = default)
    {
        var response = await _pipeline.SendAsync(ContainerRequest(RequestMethod.Delete, conditions), [202, 404], cancellationToken).ConfigureAwait(false);
        return Response.FromValue(response.Status == 202, response);
    }

    /// <summary>A client for one blob over this client's connection. Makes no request.</summary>
    /// <param name="blobName">1 to 1,024 characters; slashes are kept, everything else is escaped.</param>
    public virtual BlobClient GetBlobClient(string blobName)
    {
        ArgumentException.ThrowIfNullOrEmpty(blobName);
        return new BlobClient(StorageAddress.Append(Uri, blobName), _pipeline, _address with { BlobName = blobName });
    }

    /// <summary>The container's blobs in lexical order of their names.</summary>
    /// <param name="traits">What each item says beside its properties.</param>
    /// <param name="states">Which blobs beside the committed ones; must be None.</param>
    /// <param name="prefix">Null for all.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public virtual AsyncPageable<BlobItem> GetBlobsAsync(BlobTraits traits, BlobStates states, string? prefix, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(states, BlobStates.None);
        return new BlobPages(_pipeline, Uri, traits, prefix, cancellationToken);
    }

    private Request ContainerRequest(RequestMethod method, BlobRequestConditions? conditions = null)
    {
        var request = _pipeline.CreateRequest(method, Uri, conditions);
        request.Uri.AppendQuery("restype", "container");
        return request;
    }
}
