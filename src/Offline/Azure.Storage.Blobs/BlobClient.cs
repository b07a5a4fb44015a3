using Azure.Core;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Azure.Storage.Blobs;

/// <summary>One block blob. Safe for concurrent use.</summary>
public class BlobClient : BlobBaseClient
{
    /// <inheritdoc cref="BlobClient(string, string, string, BlobClientOptions)" />
    public BlobClient(string connectionString, string blobContainerName, string blobName)
        : this(connectionString, blobContainerName, blobName, null)
    {
    }

    /// <exception cref="FormatException">The connection string has a part missing or malformed.</exception>
    public BlobClient(string connectionString, string blobContainerName, string blobName, BlobClientOptions? options)
        : this(new BlobContainerClient(connectionString, blobContainerName, options).GetBlobClient(blobName))
    {
    }

    /// <param name="blobUri">https.</param>
    /// <param name="credential">Asked for tokens for <c>https://storage.azure.com/.default</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The address is not https.</exception>
    public BlobClient(Uri blobUri, TokenCredential credential, BlobClientOptions? options = null)
        : base(blobUri, StoragePipeline.ForToken(blobUri, credential, options), StorageAddress.Parse(blobUri))
    {
    }

    internal BlobClient(Uri blobUri, StoragePipeline pipeline, StorageAddress address)
        : base(blobUri, pipeline, address)
    {
    }

    /// <summary>For fakes in tests, which override what they need.</summary>
    protected BlobClient()
    {
    }

    private BlobClient(BlobClient other)
        : base(other.Uri, other.Pipeline, new(other.AccountName, other.BlobContainerName, other.Name))
    {
    }

    /// <summary>Creates the blob; does not overwrite.</summary>
    /// <exception cref="RequestFailedException">409 BlobAlreadyExists.</exception>
    public virtual Task<Response<BlobContentInfo>> UploadAsync(BinaryData content) => UploadAsync(content, overwrite: false, CancellationToken.None);

    /// <inheritdoc cref="UploadAsync(BinaryData)" />
    public virtual Task<Response<BlobContentInfo>> UploadAsync(BinaryData content, CancellationToken cancellationToken) =>
        UploadAsync(content, overwrite: false, cancellationToken);

    /// <param name="content">Up to the service's limit for one request; sent in one.</param>
    /// <param name="overwrite">False refuses where the blob exists.</param>
    /// <param name="cancellationToken">Ends the wait; the blob may have been written.</param>
    /// <exception cref="RequestFailedException">409 BlobAlreadyExists without <paramref name="overwrite"/>.</exception>
    public virtual Task<Response<BlobContentInfo>> UploadAsync(BinaryData content, bool overwrite = false, CancellationToken cancellationToken = default) =>
        UploadAsync(content, new BlobUploadOptions { Conditions = overwrite ? null : new() { IfNoneMatch = ETag.All } }, cancellationToken);

    /// <summary>Writes the blob, over what is there unless the options' conditions forbid it.</summary>
    /// <exception cref="RequestFailedException">409 BlobAlreadyExists or 412 ConditionNotMet where a condition does not hold.</exception>
    public virtual Task<Response<BlobContentInfo>> UploadAsync(BinaryData content, BlobUploadOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        return PutAsync(RequestContent.Create(content), options, cancellationToken);
    }

    /// <inheritdoc cref="UploadAsync(BinaryData, bool, CancellationToken)" />
    public virtual Task<Response<BlobContentInfo>> UploadAsync(Stream content, bool overwrite = false, CancellationToken cancellationToken = default) =>
        UploadAsync(content, new BlobUploadOptions { Conditions = overwrite ? null : new() { IfNoneMatch = ETag.All } }, cancellationToken);

    /// <inheritdoc cref="UploadAsync(BinaryData, BlobUploadOptions, CancellationToken)" />
    /// <remarks>The stream is read from its position, into memory: its length must be known before it is sent, and a retry sends it again.</remarks>
    public virtual async Task<Response<BlobContentInfo>> UploadAsync(Stream content, BlobUploadOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var data = await BinaryData.FromStreamAsync(content, cancellationToken).ConfigureAwait(false);
        return await PutAsync(RequestContent.Create(data), options, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Response<BlobContentInfo>> PutAsync(RequestContent content, BlobUploadOptions? options, CancellationToken cancellationToken)
    {
        var request = Pipeline.CreateRequest(RequestMethod.Put, Uri, options?.Conditions);
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        request.Headers.Add("Content-Type", "application/octet-stream");
        if (content.TryComputeLength(out var length)) request.Headers.Add("Content-Length", Invariant(length));
        if (options?.HttpHeaders is { } headers)
        {
            if (headers.ContentType is not null) request.Headers.Add("x-ms-blob-content-type", headers.ContentType);
            if (headers.CacheControl is not null) request.Headers.Add("x-ms-blob-cache-control", headers.CacheControl);
        }

        BlobResponses.WriteMetadata(request.Headers, options?.Metadata);
        request.Content = content;
        var response = await Pipeline.SendAsync(request, [201], cancellationToken).ConfigureAwait(false);
        return Response.FromValue(BlobResponses.ContentInfo(response), response);
    }
}
