namespace Azure.Security.KeyVault.Keys;

/// <summary>A key's address, <c>https://{vault}/keys/{name}[/{version}]</c>, taken apart.</summary>
#pragma warning disable CA2231 // The official type has no operators either.
public readonly struct KeyVaultKeyIdentifier : IEquatable<KeyVaultKeyIdentifier>
#pragma warning restore CA2231
{
    /// <exception cref="ArgumentException"><paramref name="id"/> is not the address of a key.</exception>
    public KeyVaultKeyIdentifier(Uri id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!TryCreate(id, out this))
        {
            throw new ArgumentException($"{id} is not a valid key identifier: expected https://vault/keys/name or https://vault/keys/name/version.", nameof(id));
        }
    }

    private KeyVaultKeyIdentifier(Uri sourceId, Uri vaultUri, string name, string? version)
    {
        SourceId = sourceId;
        VaultUri = vaultUri;
        Name = name;
        Version = version;
    }

    /// <summary>The address as given.</summary>
    public Uri SourceId { get; }

    /// <summary>Scheme, host and port, with a trailing slash.</summary>
    public Uri VaultUri { get; }

    public string Name { get; }

    /// <summary>Null when the address names no version.</summary>
    public string? Version { get; }

    /// <returns>False when <paramref name="id"/> is null, relative, or has another path.</returns>
    public static bool TryCreate(Uri? id, out KeyVaultKeyIdentifier identifier)
    {
        identifier = default;
        if (id is null || !id.IsAbsoluteUri) return false;

        var parts = id.AbsolutePath.Split('/', StringSplitOptions.None);
        var count = parts.Length > 0 && parts[^1].Length == 0 ? parts.Length - 1 : parts.Length;
        if (count is not (3 or 4) || !string.Equals(parts[1], "keys", StringComparison.OrdinalIgnoreCase) || parts[2].Length == 0)
        {
            return false;
        }

        identifier = new(id, new Uri(id.GetLeftPart(UriPartial.Authority) + "/"), parts[2], count == 4 ? parts[3] : null);
        return true;
    }

    public bool Equals(KeyVaultKeyIdentifier other) => Equals(SourceId, other.SourceId);

    public override bool Equals(object? obj) => obj is KeyVaultKeyIdentifier other && Equals(other);

    public override int GetHashCode() => SourceId?.GetHashCode() ?? 0;
}
