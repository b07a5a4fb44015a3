namespace Azure.Security.KeyVault.Keys.Cryptography;

/// <summary>A signature and which key version made it.</summary>
public class SignResult
{
    internal SignResult()
    {
    }

    /// <summary>Address of the key, with the version that signed.</summary>
    public string KeyId { get; internal set; } = null!;

    /// <summary>EC: r and s, each as long as the curve's field, big-endian. RSA: as long as the modulus.</summary>
    public byte[] Signature { get; internal set; } = null!;

    public SignatureAlgorithm Algorithm { get; internal set; }
}
