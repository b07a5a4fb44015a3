namespace Azure.Security.KeyVault.Keys;

/// <summary>How to make an RSA key.</summary>
public class CreateRsaKeyOptions : CreateKeyOptions
{
    public CreateRsaKeyOptions(string name, bool hardwareProtected = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        HardwareProtected = hardwareProtected;
    }

    public string Name { get; }

    public bool HardwareProtected { get; }

    public KeyType KeyType => HardwareProtected ? KeyType.RsaHsm : KeyType.Rsa;

    /// <summary>Bits: 2048, 3072 or 4096; null for the service's default, 2048.</summary>
    public int? KeySize { get; set; }

    /// <summary>Null for the service's default, 65537.</summary>
    public int? PublicExponent { get; set; }
}
