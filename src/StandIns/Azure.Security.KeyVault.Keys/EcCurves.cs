using System.Security.Cryptography;

namespace Azure.Security.KeyVault.Keys;

/// <summary>The curves of FIPS 186-4 that both the service and the platform know.</summary>
internal static class EcCurves
{
    private const string OidP256 = "1.2.840.10045.3.1.7";
    private const string OidP384 = "1.3.132.0.34";
    private const string OidP521 = "1.3.132.0.35";

    public static bool TryGet(KeyCurveName? name, out ECCurve curve, out int fieldBytes)
    {
        (curve, fieldBytes) = name?.ToString() switch
        {
            "P-256" => (ECCurve.NamedCurves.nistP256, 32),
            "P-384" => (ECCurve.NamedCurves.nistP384, 48),
            "P-521" => (ECCurve.NamedCurves.nistP521, 66),
            _ => default,
        };
        return fieldBytes != 0;
    }

    public static KeyCurveName NameOf(ECCurve curve) => (curve.Oid?.Value, curve.Oid?.FriendlyName) switch
    {
        (OidP256, _) or (_, "nistP256" or "ECDSA_P256") => KeyCurveName.P256,
        (OidP384, _) or (_, "nistP384" or "ECDSA_P384") => KeyCurveName.P384,
        (OidP521, _) or (_, "nistP521" or "ECDSA_P521") => KeyCurveName.P521,
        _ => throw new NotSupportedException("Expected a key on P-256, P-384 or P-521."),
    };
}
