using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Emulator.KeyVault.Keys;

/// <summary>A signature algorithm of the vault and what it fits.</summary>
/// <remarks>
/// References: RFC 7518 sections 3.3 (RS), 3.4 (ES), 3.5 (PS). Parameters:
/// digests of 32, 48 and 64 bytes; ES signatures are r and s, each 32,
/// 48 or 66 bytes; RS and PS signatures are as long as the modulus; PS salts are as long as the digest.
/// </remarks>
/// <param name="Name">As in the member <c>alg</c>.</param>
/// <param name="DigestBytes">Exact length of the digest to sign.</param>
/// <param name="Curve">The one curve an ES algorithm goes with; null for RSA.</param>
/// <param name="Padding">Null for EC.</param>
internal sealed record SignatureScheme(string Name, HashAlgorithmName Hash, int DigestBytes, string? Curve, RSASignaturePadding? Padding)
{
    private static readonly SignatureScheme[] All =
    [
        new("ES256", HashAlgorithmName.SHA256, 32, "P-256", null),
        new("ES384", HashAlgorithmName.SHA384, 48, "P-384", null),
        new("ES512", HashAlgorithmName.SHA512, 64, "P-521", null),
        new("PS256", HashAlgorithmName.SHA256, 32, null, RSASignaturePadding.Pss),
        new("PS384", HashAlgorithmName.SHA384, 48, null, RSASignaturePadding.Pss),
        new("PS512", HashAlgorithmName.SHA512, 64, null, RSASignaturePadding.Pss),
        new("RS256", HashAlgorithmName.SHA256, 32, null, RSASignaturePadding.Pkcs1),
        new("RS384", HashAlgorithmName.SHA384, 48, null, RSASignaturePadding.Pkcs1),
        new("RS512", HashAlgorithmName.SHA512, 64, null, RSASignaturePadding.Pkcs1),
    ];

    public static string Names { get; } = string.Join(", ", All.Select(scheme => scheme.Name));

    public static bool TryGet(string? name, [NotNullWhen(true)] out SignatureScheme? scheme)
    {
        scheme = Array.Find(All, candidate => candidate.Name == name);
        return scheme is not null;
    }
}
