namespace Azure.Security.KeyVault.Keys;

/// <summary>How to make an EC key.</summary>
public class CreateEcKeyOptions : CreateKeyOptions
{
    public CreateEcKeyOptions(string name, bool hardwareProtected = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        HardwareProtected = hardwareProtected;
    }

    public string Name { get; }

    public bool HardwareProtected { get; }

    public KeyType KeyType => HardwareProtected ? KeyType.EcHsm : KeyType.Ec;

    /// <summary>Null for the service's default, P-256.</summary>
    public KeyCurveName? CurveName { get; set; }
}
