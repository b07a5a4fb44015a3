namespace Azure.Security.KeyVault.Keys.Cryptography;

/// <summary>Whether a signature fits. Says nothing about whether its key is enabled or in date.</summary>
public class VerifyResult
{
    internal VerifyResult()
    {
    }

    public string KeyId { get; internal set; } = null!;

    public bool IsValid { get; internal set; }

    public SignatureAlgorithm Algorithm { get; internal set; }
}
