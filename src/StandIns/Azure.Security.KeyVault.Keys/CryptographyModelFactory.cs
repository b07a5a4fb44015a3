using Azure.Security.KeyVault.Keys.Cryptography;

namespace Azure.Security.KeyVault.Keys;

/// <summary>Makes what only a <see cref="CryptographyClient"/> makes otherwise, for tests of code that uses one.</summary>
public static class CryptographyModelFactory
{
    public static SignResult SignResult(string? keyId = null, byte[]? signature = null, SignatureAlgorithm algorithm = default) =>
        new() { KeyId = keyId!, Signature = signature!, Algorithm = algorithm };

    public static VerifyResult VerifyResult(string? keyId = null, bool isValid = false, SignatureAlgorithm algorithm = default) =>
        new() { KeyId = keyId!, IsValid = isValid, Algorithm = algorithm };
}
