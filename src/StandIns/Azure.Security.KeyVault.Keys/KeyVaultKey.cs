namespace Azure.Security.KeyVault.Keys;

/// <summary>A key version: its public material, allowed operations and attributes.</summary>
public class KeyVaultKey
{
    public KeyVaultKey(string name)
    {
        Properties = new(name);
        Key = new();
    }

    internal KeyVaultKey(KeyProperties properties, JsonWebKey key)
    {
        Properties = properties;
        Key = key;
    }

    /// <summary>Public part only: the service never answers private members.</summary>
    public JsonWebKey Key { get; }

    /// <summary>Address with version.</summary>
    public Uri Id => Key.Id is null ? Properties.Id : new Uri(Key.Id);

    public string Name => Properties.Name;

    public KeyType KeyType => Key.KeyType;

    public IReadOnlyCollection<KeyOperation> KeyOperations => Key.KeyOps;

    public KeyProperties Properties { get; }
}
