using Azure.Core;

namespace Azure.Security.KeyVault.Keys.Cryptography;

/// <summary>Settings of a <see cref="CryptographyClient"/> that works on a given key without a vault.</summary>
public class LocalCryptographyClientOptions : ClientOptions
{
}
