using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Emulator.KeyVault.Keys;

/// <summary>A key pair. Immutable and safe for concurrent use; its private part leaves it only towards the state folder.</summary>
internal sealed class KeyMaterial
{
    // Exactly one of the two is set. Key objects are made per operation, since one may not be used by two threads at once.
    private readonly ECParameters? _ec;
    private readonly RSAParameters? _rsa;

    private KeyMaterial(ECParameters parameters, string curve)
    {
        _ec = parameters;
        Curve = curve;
    }

    private KeyMaterial(RSAParameters parameters) => _rsa = parameters;

    /// <summary>Sizes of RSA modulus the vault makes and takes, in bits.</summary>
    public static IReadOnlyList<int> RsaSizes { get; } = [2048, 3072, 4096];

    public static IReadOnlyList<string> Curves { get; } = ["P-256", "P-384", "P-521"];

    [MemberNotNullWhen(true, nameof(Curve))]
    public bool IsEc => _ec is not null;

    /// <summary><c>EC</c> or <c>RSA</c>: RFC 7518 section 6.1.</summary>
    public string KeyType => IsEc ? "EC" : "RSA";

    /// <summary>P-256, P-384 or P-521; null for RSA.</summary>
    public string? Curve { get; }

    /// <summary>Public members of the JSON Web Key, big-endian: x and y, or n and e.</summary>
    public IEnumerable<(string Name, byte[] Value)> PublicMembers => _ec is { } ec
        ? [("x", ec.Q.X!), ("y", ec.Q.Y!)]
        : [("n", _rsa!.Value.Modulus!), ("e", _rsa!.Value.Exponent!)];

    /// <param name="curve">One of <see cref="Curves"/>.</param>
    public static KeyMaterial CreateEc(string curve)
    {
        using var key = ECDsa.Create(CurveOf(curve));
        return new(key.ExportParameters(includePrivateParameters: true), curve);
    }

    /// <param name="bits">One of <see cref="RsaSizes"/>. 4096 takes a second or more.</param>
    public static KeyMaterial CreateRsa(int bits)
    {
        using var key = RSA.Create(bits);
        return new(key.ExportParameters(includePrivateParameters: true));
    }

    /// <summary>A new key pair of the same type and size.</summary>
    public KeyMaterial CreateAlike() => IsEc ? CreateEc(Curve) : CreateRsa(_rsa!.Value.Modulus!.Length * 8);

    /// <summary>Takes an EC key pair whose members are each as long as the curve's field.</summary>
    /// <returns>False when the point is not on the curve or does not belong to the private part.</returns>
    public static bool TryImportEc(string curve, byte[] x, byte[] y, byte[] d, [NotNullWhen(true)] out KeyMaterial? material) =>
        TryImport(new(new ECParameters { Curve = CurveOf(curve), Q = { X = x, Y = y }, D = d }, curve), "ES", out material);

    /// <summary>Takes an RSA key pair with all its CRT members.</summary>
    /// <returns>False when the members do not belong together, or the size is none of <see cref="RsaSizes"/>.</returns>
    public static bool TryImportRsa(RSAParameters parameters, [NotNullWhen(true)] out KeyMaterial? material)
    {
        material = null;
        return RsaSizes.Contains(parameters.Modulus!.Length * 8) && TryImport(new(parameters), "RS", out material);
    }

    /// <summary>Reads what <see cref="ExportPkcs8"/> wrote.</summary>
    /// <exception cref="CryptographicException">It is no key pair of a type kept here.</exception>
    public static KeyMaterial FromPkcs8(string keyType, ReadOnlySpan<byte> pkcs8)
    {
        if (keyType == "RSA")
        {
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(pkcs8, out _);
            return new(rsa.ExportParameters(includePrivateParameters: true));
        }

        using var ec = ECDsa.Create();
        ec.ImportPkcs8PrivateKey(pkcs8, out _);
        var parameters = ec.ExportParameters(includePrivateParameters: true);
        var curve = Curves.FirstOrDefault(name => CurveOf(name).Oid.Value == parameters.Curve.Oid.Value
            || CurveOf(name).Oid.FriendlyName == parameters.Curve.Oid.FriendlyName);
        return curve is null ? throw new CryptographicException("Expected a key on P-256, P-384 or P-521.") : new(parameters, curve);
    }

    /// <summary>RFC 5208 PrivateKeyInfo, in clear: the caller zeroes it.</summary>
    public byte[] ExportPkcs8()
    {
        if (_ec is { } ec)
        {
            using var ecdsa = ECDsa.Create(ec);
            return ecdsa.ExportPkcs8PrivateKey();
        }

        using var rsa = RSA.Create(_rsa!.Value);
        return rsa.ExportPkcs8PrivateKey();
    }

    public bool Fits(SignatureScheme scheme) => scheme.Curve == Curve;

    /// <param name="scheme">One that <see cref="Fits"/>.</param>
    /// <param name="digest">As long as the scheme says.</param>
    public byte[] Sign(SignatureScheme scheme, byte[] digest)
    {
        if (_ec is { } ec)
        {
            using var ecdsa = ECDsa.Create(ec);
            return ecdsa.SignHash(digest);
        }

        using var rsa = RSA.Create(_rsa!.Value);
        return rsa.SignHash(digest, scheme.Hash, scheme.Padding!);
    }

    /// <summary>Uses the public part only.</summary>
    /// <inheritdoc cref="Sign" />
    public bool Verify(SignatureScheme scheme, byte[] digest, byte[] signature)
    {
        if (_ec is { } ec)
        {
            using var ecdsa = ECDsa.Create(new ECParameters { Curve = ec.Curve, Q = ec.Q });
            return ecdsa.VerifyHash(digest, signature);
        }

        var rsaParameters = _rsa!.Value;
        using var rsa = RSA.Create(new RSAParameters { Modulus = rsaParameters.Modulus, Exponent = rsaParameters.Exponent });
        return rsa.VerifyHash(digest, signature, scheme.Hash, scheme.Padding!);
    }

    /// <summary>Names the type only.</summary>
    public override string ToString() => KeyType;

    private static ECCurve CurveOf(string curve) => curve switch
    {
        "P-256" => ECCurve.NamedCurves.nistP256,
        "P-384" => ECCurve.NamedCurves.nistP384,
        "P-521" => ECCurve.NamedCurves.nistP521,
        _ => throw new ArgumentOutOfRangeException(nameof(curve), curve, "Expected P-256, P-384 or P-521."),
    };

    // A pair whose halves do not belong together would make signatures that nobody can verify: one round trip shows it.
    private static bool TryImport(KeyMaterial candidate, string family, [NotNullWhen(true)] out KeyMaterial? material)
    {
        material = null;
        var name = family == "RS" ? "RS256" : candidate.Curve switch { "P-256" => "ES256", "P-384" => "ES384", _ => "ES512" };
        if (!SignatureScheme.TryGet(name, out var scheme)) return false;
        try
        {
            var digest = new byte[scheme.DigestBytes];
            if (!candidate.Verify(scheme, digest, candidate.Sign(scheme, digest))) return false;
        }
        catch (CryptographicException)
        {
            return false;
        }

        material = candidate;
        return true;
    }
}
