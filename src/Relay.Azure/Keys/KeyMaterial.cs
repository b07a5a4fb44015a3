using System.Security.Cryptography;
using Azure.Security.KeyVault.Keys;
using Relay.Core.Verification;
using Relay.Protocol.Signatures;

namespace Relay.Azure.Keys;

/// <summary>The public key of one version, or why there is none.</summary>
internal sealed class KeyMaterial
{
    /// <summary>The vault listed the version and then did not have it: deleted in between.</summary>
    public static readonly KeyMaterial Gone = new(KeyStatus.Unknown, null, string.Empty);

    private KeyMaterial(KeyStatus status, VerificationKey? key, string problem)
    {
        Lookup = new KeyLookup(status, key);
        Problem = problem;
    }

    public KeyLookup Lookup { get; }

    /// <summary>What was expected and what came; empty unless the key is unsuitable.</summary>
    public string Problem { get; }

    public static KeyMaterial Read(KeyVaultKey key)
    {
        var jwk = key.Key;
        if (jwk.KeyOps.Count > 0 && !jwk.KeyOps.Contains(KeyOperation.Verify))
        {
            return Unsuitable("expected verify among its operations, got none");
        }

        VerificationKey? verification;
        string error;
        if (jwk.KeyType == KeyType.Ec || jwk.KeyType == KeyType.EcHsm)
        {
            if (Curve(jwk.CurveName) is not var (curve, size)) return Unsuitable($"expected curve P-256, P-384 or P-521, got {jwk.CurveName}");
            if (Coordinate(jwk.X, size) is not { } x || Coordinate(jwk.Y, size) is not { } y) return Unsuitable($"expected coordinates of {size} bytes");
            var point = new ECParameters { Curve = curve, Q = new ECPoint { X = x, Y = y } };
            return VerificationKey.TryCreate(point, out verification, out error) ? new(KeyStatus.Usable, verification, string.Empty) : Unsuitable(error);
        }

        if (jwk.KeyType == KeyType.Rsa || jwk.KeyType == KeyType.RsaHsm)
        {
            var parameters = new RSAParameters { Modulus = jwk.N, Exponent = jwk.E };
            return VerificationKey.TryCreate(parameters, out verification, out error) ? new(KeyStatus.Usable, verification, string.Empty) : Unsuitable(error);
        }

        return Unsuitable($"expected an EC or RSA key, got {jwk.KeyType}");
    }

    private static KeyMaterial Unsuitable(string problem) => new(KeyStatus.Unsuitable, null, problem);

    private static (ECCurve Curve, int Size)? Curve(KeyCurveName? name)
    {
        if (name == KeyCurveName.P256) return (ECCurve.NamedCurves.nistP256, 32);
        if (name == KeyCurveName.P384) return (ECCurve.NamedCurves.nistP384, 48);
        if (name == KeyCurveName.P521) return (ECCurve.NamedCurves.nistP521, 66);
        return null;
    }

    // RFC 7518 section 6.2.1.2 wants the full length; a writer that drops leading zeros is met half way.
    private static byte[]? Coordinate(byte[]? value, int size)
    {
        if (value is null || value.Length > size) return null;
        if (value.Length == size) return value;
        var padded = new byte[size];
        value.CopyTo(padded, size - value.Length);
        return padded;
    }
}
