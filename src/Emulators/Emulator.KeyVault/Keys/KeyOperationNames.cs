using System.Collections.Immutable;

namespace Emulator.KeyVault.Keys;

/// <summary>Values of <c>key_ops</c>: RFC 7517 section 4.3.</summary>
internal static class KeyOperationNames
{
    public const string Sign = "sign";
    public const string Verify = "verify";

    private static readonly ImmutableArray<string> Ec = [Sign, Verify];
    private static readonly ImmutableArray<string> Rsa = ["encrypt", "decrypt", Sign, Verify, "wrapKey", "unwrapKey"];

    /// <summary>Everything a key of this type can do, which is also the default.</summary>
    public static ImmutableArray<string> For(string keyType) => keyType == "RSA" ? Rsa : Ec;
}
