namespace Azure.Security.KeyVault.Keys;

/// <summary>A key pair made elsewhere and the attributes it gets in the vault.</summary>
public class ImportKeyOptions
{
    /// <param name="name">Name of the key in the vault.</param>
    /// <param name="keyMaterial">With private members.</param>
    public ImportKeyOptions(string name, JsonWebKey keyMaterial)
    {
        ArgumentNullException.ThrowIfNull(keyMaterial);
        Properties = new(name);
        Key = keyMaterial;
    }

    public string Name => Properties.Name;

    public JsonWebKey Key { get; }

    public bool? HardwareProtected { get; set; }

    public KeyProperties Properties { get; }
}
