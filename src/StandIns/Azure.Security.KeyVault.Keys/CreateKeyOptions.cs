namespace Azure.Security.KeyVault.Keys;

/// <summary>Attributes of a key that is about to be made; what is left null the service decides.</summary>
public class CreateKeyOptions
{
    public bool? Enabled { get; set; }

    public bool? Exportable { get; set; }

    public DateTimeOffset? NotBefore { get; set; }

    public DateTimeOffset? ExpiresOn { get; set; }

    /// <summary>Empty for everything the key type can do.</summary>
    public IList<KeyOperation> KeyOperations { get; } = [];

    public IDictionary<string, string> Tags { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
