using Azure.Core;

namespace Azure.Security.KeyVault.Keys;

/// <summary>The pages of a list; each enumeration asks anew.</summary>
internal sealed class KeyPropertiesPages(VaultPipeline pipeline, Uri first, CancellationToken cancellationToken) : AsyncPageable<KeyProperties>(cancellationToken)
{
    public override async IAsyncEnumerable<Page<KeyProperties>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        var next = continuationToken is null ? WithPageSize(pageSizeHint) : Follow(continuationToken);
        while (next is not null)
        {
            var response = await pipeline.SendAsync(RequestMethod.Get, next, content: null, CancellationToken).ConfigureAwait(false);
            var (items, link) = VaultJson.ReadPage(response);
            yield return Page<KeyProperties>.FromValues(items, link, response);
            next = link is null ? null : Follow(link);
        }
    }

    private Uri WithPageSize(int? pageSize)
    {
        if (pageSize is not { } size) return first;
        var builder = new RequestUriBuilder();
        builder.Reset(first);
        builder.AppendQuery("maxresults", size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return builder.ToUri();
    }

    // A next link that leaves the vault would take the token with it.
    private Uri Follow(string link)
    {
        if (Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Scheme == first.Scheme && uri.Authority == first.Authority) return uri;
        throw new InvalidOperationException($"The next page was expected at {first.Authority}; the answer names another address.");
    }
}
