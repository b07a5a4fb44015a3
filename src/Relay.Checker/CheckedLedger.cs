
namespace Relay.Checker;

/// <summary>
/// The blobs of one ledger, those of a commit that is staged but not yet
/// published among them. Remembers what was asked for: the rest is left over.
/// </summary>
/// <param name="store">Where they are.</param>
/// <param name="negotiation">The ledger.</param>
/// <param name="names">Names below the negotiation, without it.</param>
internal sealed class CheckedLedger(ICheckedStore store, string negotiation, HashSet<string> names)
{
    private readonly HashSet<string> _used = [];
    private Dictionary<string, ReadOnlyMemory<byte>> _staged = [];

    /// <summary>Staged blobs that are not, or not whole, in their places yet.</summary>
    public int Unpublished { get; private set; }

    public IEnumerable<string> Unused => names.Except(_used);

    public IEnumerable<string> Below(string folder) => names.Where(name => name.StartsWith(folder, StringComparison.Ordinal));

    public bool Has(string path) => names.Contains(path) || _staged.ContainsKey(path);

    /// <summary>Puts a staged commit over what is published.</summary>
    /// <returns>Null, or the first name that is none of this ledger.</returns>
    public string? Overlay(Dictionary<string, ReadOnlyMemory<byte>> staged)
    {
        var prefix = negotiation + "/";
        foreach (var name in staged.Keys)
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal) || !CheckText.IsBlobName(name)) return name;
        }

        _staged = staged.ToDictionary(put => put.Key[prefix.Length..], put => put.Value);
        return null;
    }

    /// <summary>Reads one; <see cref="BlobRead.Problem"/> says what is wrong with it as far as the store knows.</summary>
    public async ValueTask<BlobRead> ReadAsync(string path, CancellationToken cancellationToken)
    {
        _used.Add(path);
        var blob = names.Contains(path) || !_staged.ContainsKey(path)
            ? await store.ReadAsync($"{negotiation}/{path}", cancellationToken).ConfigureAwait(false)
            : null;
        if (_staged.TryGetValue(path, out var content))
        {
            if (blob is not { Intact: true } || !blob.Content.Span.SequenceEqual(content.Span)) Unpublished++;
            return new BlobRead(content, null);
        }

        if (blob is null) return new BlobRead(default, "expected a blob, got none");
        return new BlobRead(blob.Content, blob.Intact ? null : "expected the bytes that were put, got torn or damaged ones");
    }
}
