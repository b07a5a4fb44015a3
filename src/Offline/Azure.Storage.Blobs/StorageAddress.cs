namespace Azure.Storage.Blobs;

/// <summary>Which account, container and blob an address names.</summary>
/// <remarks>
/// Host style is <c>https://{account}.blob.core.windows.net/{container}/{blob}</c>; path style, used with IP addresses, localhost and
/// explicit endpoints of emulators, has the account as the first path segment.
/// </remarks>
internal sealed record StorageAddress(string AccountName, string ContainerName, string BlobName)
{
    public static StorageAddress Parse(Uri uri)
    {
        var pathStyle = uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6
            || string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase);
        var path = uri.AbsolutePath.TrimStart('/');
        var account = pathStyle ? Take(ref path) : uri.Host.Split('.')[0];
        var container = Take(ref path);
        return new(account, Uri.UnescapeDataString(container), Uri.UnescapeDataString(path));
    }

    /// <summary><paramref name="address"/> with further path segments; <paramref name="name"/> is escaped, its slashes are kept.</summary>
    /// <exception cref="ArgumentException">A segment of the name is <c>.</c> or <c>..</c>, which would lead elsewhere: RFC 3986 section 6.2.2.3.</exception>
    public static Uri Append(Uri address, string name)
    {
        var segments = name.Split('/');
        if (segments.Any(segment => segment is "." or "..")) throw new ArgumentException($"Expected a name without '.' and '..' segments, got '{name}'.", nameof(name));
        return new Uri($"{address.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{string.Join('/', segments.Select(Uri.EscapeDataString))}");
    }

    private static string Take(ref string path)
    {
        var slash = path.IndexOf('/');
        var segment = slash < 0 ? path : path[..slash];
        path = slash < 0 ? string.Empty : path[(slash + 1)..];
        return segment;
    }
}
