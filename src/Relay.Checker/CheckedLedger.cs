using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>
/// The blobs of one ledger, those among them that are staged behind its head and not yet
/// published. Remembers what was asked for: the rest is left over.
/// </summary>
/// <param name="store">Where they are.</param>
/// <param name="negotiation">The ledger.</param>
/// <param name="names">Names below the negotiation, without it.</param>
internal sealed class CheckedLedger(ICheckedStore store, string negotiation, HashSet<string> names)
{
    private readonly HashSet<string> _used = [];
    private Dictionary<string, StagedPut> _staged = [];

    /// <summary>Staged blobs that are not, or not whole, in their places yet.</summary>
    public int Unpublished { get; private set; }

    public IEnumerable<string> Unused => names.Except(_used);

    public IEnumerable<string> Below(string folder) => names.Where(name => name.StartsWith(folder, StringComparison.Ordinal));

    public bool Has(string path) => names.Contains(path) || _staged.ContainsKey(path);

    /// <summary>Puts what is staged over what is published.</summary>
    /// <returns>Null, or the first name that is none of this ledger.</returns>
    public string? Overlay(Dictionary<string, StagedPut> staged)
    {
        var prefix = negotiation + "/";
        foreach (var name in staged.Keys.Concat(staged.Values.Select(put => put.After).Where(after => after.Length > 0)))
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal) || !CheckText.IsBlobName(name)) return name;
        }

        _staged = staged.ToDictionary(
            put => put.Key[prefix.Length..],
            put => put.Value with { After = put.Value.After.Length == 0 ? "" : put.Value.After[prefix.Length..] });
        return null;
    }

    /// <summary>Reads one; <see cref="BlobRead.Problem"/> says what is wrong with it as far as the store knows.</summary>
    public async ValueTask<BlobRead> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!_staged.TryGetValue(path, out var put)) return await ReadStoredAsync(path, cancellationToken).ConfigureAwait(false);
        var there = names.Contains(path) ? await ReadStoredAsync(path, cancellationToken).ConfigureAwait(false) : default;
        var whole = await GrowAsync(put, cancellationToken).ConfigureAwait(false);
        if (whole.Problem is not null || there.Problem is not null || !there.Content.Span.SequenceEqual(whole.Content.Span)) Unpublished++;
        return whole;
    }

    private async ValueTask<BlobRead> GrowAsync(StagedPut put, CancellationToken cancellationToken)
    {
        if (put.After.Length == 0) return new BlobRead(put.Content, null);
        var start = await ReadStoredAsync(put.After, cancellationToken).ConfigureAwait(false);
        if (start.Problem is { } problem) return new BlobRead(default, $"it grew from {put.After}: {problem}");
        return Digest.Of(start.Content.Span) == put.AfterDigest
            ? new BlobRead((byte[])[.. start.Content.Span, .. put.Content.Span], null)
            : new BlobRead(default, $"expected {put.After} as it grew from it, got other bytes");
    }

    private async ValueTask<BlobRead> ReadStoredAsync(string path, CancellationToken cancellationToken)
    {
        _used.Add(path);
        var blob = await store.ReadAsync($"{negotiation}/{path}", cancellationToken).ConfigureAwait(false);
        if (blob is null) return new BlobRead(default, "expected a blob, got none");
        return new BlobRead(blob.Content, blob.Intact ? null : "expected the bytes that were put, got torn or damaged ones");
    }
}
