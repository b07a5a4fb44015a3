namespace Relay.Core.Ledger.Store;

/// <summary>
/// Port: the container in which ledgers are kept, blobs under names. Knows
/// nothing of what is in them. Safe for concurrent use, by several processes too.
/// </summary>
/// <remarks>
/// Names keep the rule of <see cref="LedgerBlobName"/>, contents are at most
/// <see cref="LedgerBlobName.MaxContentBytes"/> long, and no name is the folder of another (<c>a/b</c> beside
/// <c>a</c>); everything else is an <see cref="ArgumentException"/>. Every call may throw
/// <see cref="LedgerStoreException"/>, and <see cref="OperationCanceledException"/> once its token
/// is cancelled; for a put or delete that says nothing about whether it is done, or will be done later.
/// </remarks>
public interface ILedgerStore
{
    /// <summary>Reads a blob whole. What one call returns was the blob's content at one moment during it.</summary>
    /// <returns>Null when there is none.</returns>
    ValueTask<StoredBlob?> GetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Creates a blob. Of many such calls for one name exactly one stores.</summary>
    /// <returns>Once it returns, durable. Not stored when there is a blob of this name, damaged or not.</returns>
    /// <remarks>
    /// A call that fails may leave a torn blob, in stores that know it as such
    /// (<see cref="StoredBlob.Intact"/>): heal it by <see cref="PutIfMatchAsync"/>.
    /// </remarks>
    ValueTask<PutResult> PutIfAbsentAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces a blob, atomically: whoever reads, at any time and after any crash, finds
    /// the old content or the new. Of many such calls with one ETag at most one stores.
    /// </summary>
    /// <param name="name">Name of the blob.</param>
    /// <param name="content">The new content; may equal the old.</param>
    /// <param name="etag">Of the content to be replaced, as <see cref="GetAsync"/>
    /// or a put gave it; that of a damaged blob replaces what is damaged.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Once it returns, durable. Not stored when the blob has another ETag or is not there.</returns>
    ValueTask<PutResult> PutIfMatchAsync(string name, ReadOnlyMemory<byte> content, string etag, CancellationToken cancellationToken);

    /// <summary>
    /// Names that begin with <paramref name="prefix"/>, in ordinal order. Blobs that come or go meanwhile may or may not be among them.
    /// </summary>
    /// <param name="prefix">Any beginning of a name (<c>a/b/</c>, <c>a/b/c</c>); empty for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes a blob. None of this name is fine.</summary>
    ValueTask DeleteAsync(string name, CancellationToken cancellationToken);
}
