using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Relay.Azure.Diagnostics;
using Relay.Core.Ledger.Store;

namespace Relay.Azure.Ledger;

/// <summary>A blob container as ledger store; atomic replacement and durability are the service's.</summary>
/// <param name="reading">The container, for calls that change nothing.</param>
/// <param name="writing">
/// The same container by a client without retries: a put that the service has done, whose
/// answer was lost and which is sent again, would be refused by its own first attempt and
/// come back as somebody else's. Whether to look or to try again is for the caller.
/// </param>
internal sealed class BlobLedgerStore(BlobContainerClient reading, BlobContainerClient writing) : ILedgerStore
{
    /// <inheritdoc/>
    public async ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken)
    {
        LedgerBlobName.ThrowIfInvalid(name);
        // One byte more than a blob may have is enough to know that nobody here wrote it.
        var options = new BlobDownloadOptions { Range = new HttpRange(0, LedgerBlobName.MaxContentBytes + 1) };
        try
        {
            var response = await reading.GetBlobClient(name).DownloadContentAsync(options, cancellationToken).ConfigureAwait(false);
            var content = response.Value.Content.ToMemory();
            return new StoredBlob(content, response.Value.Details.ETag.ToString("H"), content.Length <= LedgerBlobName.MaxContentBytes);
        }
        catch (RequestFailedException e) when (e.Status == 404 && e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
        catch (RequestFailedException e) when (e.Status == 416)
        {
            return await GetEmptyAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            throw Failed("read", name, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        PutAsync(name, content, new BlobRequestConditions { IfNoneMatch = ETag.All }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(etag);
        return PutAsync(name, content, new BlobRequestConditions { IfMatch = new ETag(etag) }, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LedgerBlobName.ThrowIfInvalidPrefix(prefix);
        var blobs = reading.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        await using (blobs.ConfigureAwait(false))
        {
            while (await MoveNextAsync(blobs, prefix, cancellationToken).ConfigureAwait(false))
            {
                if (LedgerBlobName.IsValid(blobs.Current.Name)) yield return blobs.Current.Name;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        LedgerBlobName.ThrowIfInvalid(name);
        try
        {
            await writing.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            throw Failed("delete", name, e);
        }
    }

    // A client that gave up waiting on its own says so by an OperationCanceledException that is not the caller's.
    private static bool IsFailure(Exception exception, CancellationToken cancellationToken) =>
        ServiceFailure.Is(exception) || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<BlobItem> blobs, string prefix, CancellationToken cancellationToken)
    {
        try
        {
            return await blobs.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            throw Failed("list", prefix, e);
        }
    }

    private async ValueTask<PutResult> PutAsync(
        string name, ReadOnlyMemory<byte> content, BlobRequestConditions conditions, CancellationToken cancellationToken)
    {
        LedgerBlobName.ThrowIfInvalid(name);
        LedgerBlobName.ThrowIfTooLong(content);
        try
        {
            var response = await writing.GetBlobClient(name)
                .UploadAsync(
                    BinaryData.FromBytes(content),
                    new BlobUploadOptions { Conditions = conditions },
                    cancellationToken).ConfigureAwait(false);
            return new PutResult(Stored: true, response.Value.ETag.ToString("H"));
        }
        catch (RequestFailedException e) when (
            e.ErrorCode == BlobErrorCode.BlobAlreadyExists || e.ErrorCode == BlobErrorCode.ConditionNotMet)
        {
            return default;
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            throw Failed("write", name, e);
        }
    }

    // No range of an empty blob can be satisfied, so it is read without one.
    private async ValueTask<StoredBlob?> GetEmptyAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var response = await reading.GetBlobClient(name).DownloadContentAsync(cancellationToken).ConfigureAwait(false);
            return new StoredBlob(response.Value.Content.ToMemory(), response.Value.Details.ETag.ToString("H"), Intact: true);
        }
        catch (RequestFailedException e) when (e.Status == 404 && e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
        catch (Exception e) when (IsFailure(e, cancellationToken))
        {
            throw Failed("read", name, e);
        }
    }

    private LedgerStoreException Failed(string verb, string name, Exception exception)
    {
        var reason = exception is RequestFailedException { Status: > 0 } refused
            ? $"{refused.Status} {refused.ErrorCode}"
            : exception.Message;
        return new LedgerStoreException($"cannot {verb} {name} in container {reading.Name}: {reason}", exception);
    }
}
