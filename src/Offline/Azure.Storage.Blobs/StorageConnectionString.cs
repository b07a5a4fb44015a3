namespace Azure.Storage.Blobs;

/// <summary>The parts of a storage connection string that blob clients need.</summary>
internal sealed record StorageConnectionString(Uri BlobEndpoint, string AccountName, byte[] AccountKey)
{
    // The well-known account of Azurite and of the storage emulator before it; published, so no secret.
    private const string DevelopmentAccount = "devstoreaccount1";
    private const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private const string DevelopmentEndpoint = "http://127.0.0.1:10000/" + DevelopmentAccount;

    /// <exception cref="FormatException">A part is missing or malformed; the message names the part and not its value.</exception>
    public static StorageConnectionString Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=');
            if (equals <= 0) throw new FormatException("Expected name=value pairs separated by ';' in the storage connection string.");
            if (!parts.TryAdd(part[..equals], part[(equals + 1)..])) throw new FormatException($"The storage connection string has '{part[..equals]}' twice.");
        }

        if (parts.TryGetValue("UseDevelopmentStorage", out var development))
        {
            return string.Equals(development, "true", StringComparison.OrdinalIgnoreCase)
                ? new(new Uri(DevelopmentEndpoint), DevelopmentAccount, Convert.FromBase64String(DevelopmentKey))
                : throw new FormatException("Expected UseDevelopmentStorage=true in the storage connection string.");
        }

        var account = Required(parts, "AccountName");
        return new(Endpoint(parts, account), account, Key(Required(parts, "AccountKey")));
    }

    /// <summary>Names the account only.</summary>
    public override string ToString() => AccountName;

    private static Uri Endpoint(Dictionary<string, string> parts, string account)
    {
        if (parts.TryGetValue("BlobEndpoint", out var endpoint))
        {
            return Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? uri
                : throw new FormatException("BlobEndpoint in the storage connection string is not an http or https address.");
        }

        var scheme = parts.GetValueOrDefault("DefaultEndpointsProtocol", "https");
        var suffix = parts.GetValueOrDefault("EndpointSuffix", "core.windows.net");
        return Uri.TryCreate($"{scheme}://{account}.blob.{suffix}", UriKind.Absolute, out var built) && built.Scheme is "http" or "https"
            ? built
            : throw new FormatException("DefaultEndpointsProtocol, AccountName and EndpointSuffix of the storage connection string make no address.");
    }

    private static byte[] Key(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var written)
            ? bytes[..written]
            : throw new FormatException("AccountKey in the storage connection string is not base64.");
    }

    private static string Required(Dictionary<string, string> parts, string name) => parts.TryGetValue(name, out var value) && value.Length > 0
        ? value
        : throw new FormatException($"The storage connection string has no '{name}'.");
}
