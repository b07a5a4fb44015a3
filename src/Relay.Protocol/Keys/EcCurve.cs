using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Relay.Protocol.Keys;

/// <summary>
/// The three NIST curves: names, sizes, and the check that a point lies on its curve (invalid-curve attacks send one that does not).
/// Done here so that it does not hang on what a platform's provider checks at import.
/// </summary>
/// <remarks>References: SEC 2 sections 2.4.2, 2.5.1, 2.6.1; SEC 1 section 3.2.2.1. Curve y² = x³ - 3x + b mod p, cofactor 1.</remarks>
internal sealed class EcCurve
{
    public static readonly EcCurve P256 = new(
        JwkKind.P256, "P-256", ECCurve.NamedCurves.nistP256, "1.2.840.10045.3.1.7", 32,
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    public static readonly EcCurve P384 = new(
        JwkKind.P384, "P-384", ECCurve.NamedCurves.nistP384, "1.3.132.0.34", 48,
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef");

    public static readonly EcCurve P521 = new(
        JwkKind.P521, "P-521", ECCurve.NamedCurves.nistP521, "1.3.132.0.35", 66,
        "1ff"
            + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109"
            + "e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00");

    private readonly BigInteger _prime;
    private readonly BigInteger _b;

    private EcCurve(JwkKind kind, string name, ECCurve curve, string oid, int size, string prime, string b)
    {
        Kind = kind;
        Name = name;
        Curve = curve;
        Oid = oid;
        Size = size;
        _prime = BigInteger.Parse("0" + prime, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        _b = BigInteger.Parse("0" + b, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    public JwkKind Kind { get; }

    /// <summary><c>crv</c>.</summary>
    public string Name { get; }

    public ECCurve Curve { get; }

    public string Oid { get; }

    /// <summary>Bytes of a coordinate.</summary>
    public int Size { get; }

    public static EcCurve? Find(string? name) => name switch
    {
        "P-256" => P256,
        "P-384" => P384,
        "P-521" => P521,
        _ => null,
    };

    public static EcCurve? Find(ECCurve curve) => !curve.IsNamed ? null : curve.Oid.Value switch
    {
        "1.2.840.10045.3.1.7" => P256,
        "1.3.132.0.34" => P384,
        "1.3.132.0.35" => P521,
        // Some providers name a curve without its OID value.
        null or "" => curve.Oid.FriendlyName switch
        {
            "nistP256" or "ECDSA_P256" => P256,
            "nistP384" or "ECDSA_P384" => P384,
            "nistP521" or "ECDSA_P521" => P521,
            _ => null,
        },
        _ => null,
    };

    public static EcCurve? Find(JwkKind kind) => kind switch
    {
        JwkKind.P256 => P256,
        JwkKind.P384 => P384,
        JwkKind.P521 => P521,
        JwkKind.Rsa or JwkKind.MlKem768P256 => null,
    };

    /// <summary>True when both coordinates have the curve's size, are below the prime and satisfy its equation.</summary>
    public bool Contains(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        if (x.Length != Size || y.Length != Size) return false;
        var px = new BigInteger(x, isUnsigned: true, isBigEndian: true);
        var py = new BigInteger(y, isUnsigned: true, isBigEndian: true);
        if (px >= _prime || py >= _prime) return false;
        var right = (px * px * px - 3 * px + _b) % _prime;
        if (right.Sign < 0) right += _prime;
        return py * py % _prime == right;
    }
}
