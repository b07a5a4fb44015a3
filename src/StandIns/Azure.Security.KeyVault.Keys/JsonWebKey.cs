using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Azure.Security.KeyVault.Keys;

/// <summary>
/// A key in the members of RFC 7518 section 6. Byte values are unsigned and big-endian. Holds private members when it was given them, so
/// it is a secret then.
/// </summary>
[JsonConverter(typeof(JsonWebKeyConverter))]
public class JsonWebKey
{
    private static readonly KeyOperation[] EcPublic = [KeyOperation.Verify];
    private static readonly KeyOperation[] EcPrivate = [KeyOperation.Sign, KeyOperation.Verify];
    private static readonly KeyOperation[] RsaPublic = [KeyOperation.Encrypt, KeyOperation.Verify, KeyOperation.WrapKey];
    private static readonly KeyOperation[] RsaPrivate =
        [KeyOperation.Encrypt, KeyOperation.Decrypt, KeyOperation.Sign, KeyOperation.Verify, KeyOperation.WrapKey, KeyOperation.UnwrapKey];

    public JsonWebKey(IEnumerable<KeyOperation> keyOps)
    {
        ArgumentNullException.ThrowIfNull(keyOps);
        KeyOps = Array.AsReadOnly(keyOps.ToArray());
    }

    /// <summary>The key of <paramref name="ecdsa"/>; every operation its parts allow unless <paramref name="keyOps"/> says less.</summary>
    /// <exception cref="CryptographicException">A private part is asked for that cannot be had.</exception>
    /// <exception cref="NotSupportedException">The curve is none of P-256, P-384, P-521.</exception>
    public JsonWebKey(ECDsa ecdsa, bool includePrivateParameters = false, IEnumerable<KeyOperation>? keyOps = null)
        : this(keyOps ?? (includePrivateParameters ? EcPrivate : EcPublic))
    {
        ArgumentNullException.ThrowIfNull(ecdsa);
        var parameters = ecdsa.ExportParameters(includePrivateParameters);
        KeyType = KeyType.Ec;
        CurveName = EcCurves.NameOf(parameters.Curve);
        X = parameters.Q.X!;
        Y = parameters.Q.Y!;
        D = parameters.D!;
    }

    /// <summary>The key of <paramref name="rsaProvider"/>; every operation its parts allow unless <paramref name="keyOps"/> says less.</summary>
    /// <exception cref="CryptographicException">A private part is asked for that cannot be had.</exception>
    public JsonWebKey(RSA rsaProvider, bool includePrivateParameters = false, IEnumerable<KeyOperation>? keyOps = null)
        : this(keyOps ?? (includePrivateParameters ? RsaPrivate : RsaPublic))
    {
        ArgumentNullException.ThrowIfNull(rsaProvider);
        var parameters = rsaProvider.ExportParameters(includePrivateParameters);
        KeyType = KeyType.Rsa;
        N = parameters.Modulus!;
        E = parameters.Exponent!;
        D = parameters.D!;
        DP = parameters.DP!;
        DQ = parameters.DQ!;
        P = parameters.P!;
        Q = parameters.Q!;
        QI = parameters.InverseQ!;
    }

    internal JsonWebKey() => KeyOps = [];

    /// <summary>Address of the key version, the member <c>kid</c>; null for a key that is in no vault.</summary>
    public string Id { get; set; } = null!;

    public KeyType KeyType { get; set; }

    public IReadOnlyCollection<KeyOperation> KeyOps { get; internal set; }

    public KeyCurveName? CurveName { get; set; }

    // The byte values are null where the key has no such member: as in the official package, not annotated.
    public byte[] N { get; set; } = null!;

    public byte[] E { get; set; } = null!;

    public byte[] D { get; set; } = null!;

    public byte[] DP { get; set; } = null!;

    public byte[] DQ { get; set; } = null!;

    public byte[] P { get; set; } = null!;

    public byte[] Q { get; set; } = null!;

    public byte[] QI { get; set; } = null!;

    public byte[] X { get; set; } = null!;

    public byte[] Y { get; set; } = null!;

    public byte[] K { get; set; } = null!;

    /// <summary>A blob only the service's hardware can read, in place of private members.</summary>
    public byte[] T { get; set; } = null!;

    internal bool HasPrivateKey => D is not null;

    /// <summary>A key object the caller disposes.</summary>
    /// <exception cref="InvalidOperationException">This is no EC key, or a member is missing or longer than the curve's field.</exception>
    /// <exception cref="CryptographicException">The members are no point on the curve.</exception>
    public ECDsa ToECDsa(bool includePrivateParameters = false)
    {
        if (KeyType != KeyType.Ec && KeyType != KeyType.EcHsm) throw new InvalidOperationException($"Expected key type EC, got '{KeyType}'.");
        if (!EcCurves.TryGet(CurveName, out var curve, out var fieldBytes)) throw new InvalidOperationException($"Expected curve P-256, P-384 or P-521, got '{CurveName}'.");
        if (includePrivateParameters && D is null) throw new InvalidOperationException("The key has no private part.");

        return ECDsa.Create(new ECParameters
        {
            Curve = curve,
            Q = { X = Sized(X, fieldBytes, "x"), Y = Sized(Y, fieldBytes, "y") },
            D = includePrivateParameters ? Sized(D, fieldBytes, "d") : null,
        });
    }

    /// <summary>A key object the caller disposes.</summary>
    /// <exception cref="InvalidOperationException">This is no RSA key, or a member is missing or longer than the modulus allows.</exception>
    /// <exception cref="CryptographicException">The members fit no RSA key.</exception>
    public RSA ToRSA(bool includePrivateParameters = false)
    {
        if (KeyType != KeyType.Rsa && KeyType != KeyType.RsaHsm) throw new InvalidOperationException($"Expected key type RSA, got '{KeyType}'.");
        if (N is null || E is null) throw new InvalidOperationException("The key has no modulus or no exponent.");

        var parameters = new RSAParameters { Modulus = N, Exponent = E };
        if (includePrivateParameters)
        {
            // RFC 8017 section 3.2: d is as long as the modulus, the CRT members half of it.
            var half = (N.Length + 1) / 2;
            parameters.D = Sized(D, N.Length, "d");
            parameters.DP = Sized(DP, half, "dp");
            parameters.DQ = Sized(DQ, half, "dq");
            parameters.P = Sized(P, half, "p");
            parameters.Q = Sized(Q, half, "q");
            parameters.InverseQ = Sized(QI, half, "qi");
        }

        return RSA.Create(parameters);
    }

    private static byte[] Sized(byte[]? value, int length, string member)
    {
        if (value is null) throw new InvalidOperationException($"The key has no member '{member}'.");
        if (value.Length == length) return value;
        if (value.Length > length) throw new InvalidOperationException($"Member '{member}' has {value.Length} bytes, expected {length}.");

        var padded = new byte[length];
        value.CopyTo(padded, length - value.Length);
        return padded;
    }
}
