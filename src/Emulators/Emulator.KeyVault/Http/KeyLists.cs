using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Emulator.KeyVault.Keys;
using Emulator.KeyVault.Storage;

namespace Emulator.KeyVault.Http;

/// <summary>
/// Lists of keys and of versions, a page at a time. A page starts after the
/// last item of the one before, so that changes between pages move nothing.
/// </summary>
internal sealed class KeyLists(KeyStore store, KeyBundles bundles, Uri vaultUri)
{
    /// <summary>Most items on a page, and the default.</summary>
    public const int MaxResults = 25;

    public VaultReply Keys(IQueryCollection query)
    {
        if (!TryReadPage(query, out var size, out var after, out var error)) return VaultReply.BadParameter(error);
        var rest = store.All().Where(key => after is null || StringComparer.OrdinalIgnoreCase.Compare(key.Name, after) > 0);
        return Page([.. rest.Select(key => key.Current).Take(size + 1)], size, withVersion: false, "keys", item => item.Name, query);
    }

    public VaultReply Versions(string name, IQueryCollection query)
    {
        if (!TryReadPage(query, out var size, out var after, out var error)) return VaultReply.BadParameter(error);
        if (store.Find(name) is not { } key) return VaultReply.KeyNotFound(name, null);
        var rest = after is null ? key.Versions : key.Versions.SkipWhile(version => version.Version != after).Skip(1);
        return Page([.. rest.Take(size + 1)], size, withVersion: true, $"keys/{key.Name}/versions", item => item.Version, query);
    }

    private static bool TryReadPage(IQueryCollection query, out int size, out string? after, out string error)
    {
        (size, after, error) = (MaxResults, null, string.Empty);
        if (query.TryGetValue("maxresults", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > MaxResults))
        {
            error = $"Parameter 'maxresults' was expected to be a whole number from 1 to {MaxResults}.";
            return false;
        }

        if (!query.TryGetValue("$skiptoken", out var token)) return true;
        var encoded = token.ToString();
        if (encoded.Length is 0 or > 2 * KeyAddress.MaxNameCharacters || !Base64Url.IsValid(encoded))
        {
            error = "Parameter '$skiptoken' was expected to be from a nextLink of this vault.";
            return false;
        }

        after = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(encoded));
        return true;
    }

    private VaultReply Page(
        KeyVersion[] found, int size, bool withVersion, string path, Func<KeyVersion, string> positionOf, IQueryCollection query)
    {
        var items = found.Length > size ? found[..size] : found;
        var next = found.Length > size
            ? $"{vaultUri}{path}?api-version={Uri.EscapeDataString(query["api-version"].ToString())}&maxresults={size}" +
                $"&$skiptoken={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(positionOf(items[^1])))}"
            : null;
        return VaultReply.Ok(writer =>
        {
            writer.WriteStartArray("value");
            foreach (var item in items) bundles.WriteItem(writer, item, withVersion);
            writer.WriteEndArray();
            writer.WriteString("nextLink", next);
        });
    }
}
