namespace Azure.Security.KeyVault.Keys;

/// <summary>A key version's attributes and tags, without its key material.</summary>
public class KeyProperties
{
    public KeyProperties(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    /// <exception cref="ArgumentException"><paramref name="id"/> is not the address of a key.</exception>
    public KeyProperties(Uri id)
    {
        var identifier = new KeyVaultKeyIdentifier(id);
        Id = id;
        VaultUri = identifier.VaultUri;
        Name = identifier.Name;
        Version = identifier.Version!;
    }

    internal KeyProperties()
    {
    }

    // Id, VaultUri, Name and Version are set in everything the service answers, and null only in what a caller half filled: annotated for the former.
    public Uri Id { get; internal set; } = null!;

    public Uri VaultUri { get; internal set; } = null!;

    public string Name { get; internal set; } = null!;

    /// <summary>32 hexadecimal digits; null for an address without a version, as in a list of keys.</summary>
    public string Version { get; internal set; } = null!;

    /// <summary>True for a key that belongs to a certificate.</summary>
    public bool Managed { get; internal set; }

    public bool? Enabled { get; set; }

    public bool? Exportable { get; set; }

    /// <summary>Not used before this time; null for no bound. Whole seconds on the wire.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>Not used from this time on; null for no bound. Whole seconds on the wire.</summary>
    public DateTimeOffset? ExpiresOn { get; set; }

    public DateTimeOffset? CreatedOn { get; internal set; }

    public DateTimeOffset? UpdatedOn { get; internal set; }

    public string? RecoveryLevel { get; internal set; }

    /// <summary>7 to 90, or null where soft delete is off.</summary>
    public int? RecoverableDays { get; internal set; }

    public string? HsmPlatform { get; internal set; }

    public IDictionary<string, string> Tags { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
