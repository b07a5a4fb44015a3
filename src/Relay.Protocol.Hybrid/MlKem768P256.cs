using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Relay.Protocol.Keys;

namespace Relay.Protocol.Hybrid;

/// <summary>The KEM MLKEM768-P256: a secret that stays one while ML-KEM-768 or P-256 holds.</summary>
/// <remarks>
/// References: draft-ietf-hpke-pq section 4, draft-irtf-cfrg-concrete-hybrid-kems, draft-irtf-cfrg-hybrid-kems, FIPS 203. ML-KEM and SHA-3
/// are BouncyCastle's, P-256 is the platform's.
/// <code>
/// seed expands to  SHAKE256( seed ) = ML-KEM seed, 64 bytes | candidates for the scalar, 4 of 32 bytes
/// shared secret    SHA3-256( ML-KEM secret | x of the agreed point | sender's point | recipient's point | "MLKEM768-P256" )
/// </code>
/// Whole points are 65 bytes, 04 x y. The first candidate from 1 to n-1 is the scalar; that none of four is one happens once in 2^128.
/// </remarks>
internal sealed class MlKem768P256 : IDisposable
{
    /// <summary>Bytes of a shared secret.</summary>
    public const int SecretSize = 32;

    /// <summary>Random bytes of an encapsulation: ML-KEM's message, and candidates for the ephemeral scalar.</summary>
    public const int RandomSize = MessageSize + CandidatesSize;

    private const int MessageSize = 32;
    private const int CandidatesSize = 4 * ScalarSize;
    private const int ScalarSize = 32;
    private const int MlKemSeedSize = 64;
    private const int MlKemKeySize = 1184;
    private const int MlKemCiphertextSize = 1088;

    private static readonly MLKemParameters Parameters = MLKemParameters.ml_kem_768;
    private static readonly byte[] Order =
        Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    private readonly MLKemPrivateKeyParameters _mlKem;
    private readonly ECDiffieHellman _agreement;

    private MlKem768P256(MLKemPrivateKeyParameters mlKem, ECDiffieHellman agreement)
    {
        _mlKem = mlKem;
        _agreement = agreement;
        PublicKey = [.. mlKem.GetPublicKeyEncoded(), .. Point(agreement)];
    }

    /// <summary>1249 bytes.</summary>
    public byte[] PublicKey { get; }

    /// <summary>The key pair of a seed of 32 bytes; the caller disposes it.</summary>
    public static MlKem768P256 Expand(ReadOnlySpan<byte> seed)
    {
        var expanded = new byte[MlKemSeedSize + CandidatesSize];
        var mlKemSeed = new byte[MlKemSeedSize];
        try
        {
            var keccak = new Keccak(256);
            keccak.Append(seed);
            keccak.Finish(expanded);
            expanded.AsSpan(0, MlKemSeedSize).CopyTo(mlKemSeed);
            return new MlKem768P256(MLKemPrivateKeyParameters.FromSeed(Parameters, mlKemSeed), Agreement(expanded.AsSpan(MlKemSeedSize)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(expanded);
            CryptographicOperations.ZeroMemory(mlKemSeed);
        }
    }

    /// <summary>Encapsulates to a public key that has been checked.</summary>
    /// <param name="publicKey">1249 bytes.</param>
    /// <param name="randomness">Usually <see cref="RandomSize"/> bytes; fewer candidates will do where they are known to be good.</param>
    /// <param name="secret">Takes the shared secret.</param>
    /// <param name="encapsulation">Takes 1153 bytes.</param>
    public static void Encapsulate(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> randomness, Span<byte> secret, Span<byte> encapsulation)
    {
        Span<byte> mlKemSecret = stackalloc byte[SecretSize];
        EncapsulateMlKem(
            publicKey[..MlKemKeySize], randomness[..MessageSize], mlKemSecret, encapsulation[..MlKemCiphertextSize]);
        using var own = Agreement(randomness[MessageSize..]);
        Point(own).CopyTo(encapsulation[MlKemCiphertextSize..]);
        var sender = encapsulation[MlKemCiphertextSize..];
        var recipient = publicKey[MlKemKeySize..];
        if (!TryAgree(own, recipient, out var agreed))
        {
            throw new ArgumentException("Expected a point on P-256, got another.", nameof(publicKey));
        }
        Combine(mlKemSecret, agreed, sender, recipient, secret);
        CryptographicOperations.ZeroMemory(agreed);
        CryptographicOperations.ZeroMemory(mlKemSecret);
    }

    /// <summary>ML-KEM-768 alone.</summary>
    internal static void EncapsulateMlKem(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, Span<byte> secret, Span<byte> ciphertext)
    {
        var random = message.ToArray();
        var encapsulator = new MLKemEncapsulator(Parameters);
        encapsulator.Init(new ParametersWithRandom(
            MLKemPublicKeyParameters.FromEncoding(Parameters, publicKey.ToArray()), new GivenRandom(random)));
        encapsulator.Encapsulate(ciphertext, secret);
        CryptographicOperations.ZeroMemory(random);
    }

    /// <summary>ML-KEM-768 alone; another ciphertext than an encapsulation made gives a secret that nobody else has.</summary>
    internal static void DecapsulateMlKem(MLKemPrivateKeyParameters key, ReadOnlySpan<byte> ciphertext, Span<byte> secret)
    {
        var decapsulator = new MLKemDecapsulator(Parameters);
        decapsulator.Init(key);
        decapsulator.Decapsulate(ciphertext, secret);
    }

    /// <summary>False when the size is wrong or the point is off its curve.</summary>
    public bool TryDecapsulate(ReadOnlySpan<byte> encapsulation, Span<byte> secret)
    {
        if (encapsulation.Length != HybridKey.EncapsulationSize) return false;
        var sender = encapsulation[MlKemCiphertextSize..];
        if (!TryAgree(_agreement, sender, out var agreed)) return false;
        Span<byte> mlKemSecret = stackalloc byte[SecretSize];
        DecapsulateMlKem(_mlKem, encapsulation[..MlKemCiphertextSize], mlKemSecret);
        Combine(mlKemSecret, agreed, sender, PublicKey.AsSpan(MlKemKeySize), secret);
        CryptographicOperations.ZeroMemory(agreed);
        CryptographicOperations.ZeroMemory(mlKemSecret);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _agreement.Dispose();

    private static void Combine(
        ReadOnlySpan<byte> mlKemSecret,
        ReadOnlySpan<byte> agreed,
        ReadOnlySpan<byte> sender,
        ReadOnlySpan<byte> recipient,
        Span<byte> secret)
    {
        var hash = new Sha3Digest(256);
        hash.BlockUpdate(mlKemSecret);
        hash.BlockUpdate(agreed);
        hash.BlockUpdate(sender);
        hash.BlockUpdate(recipient);
        hash.BlockUpdate("MLKEM768-P256"u8);
        hash.DoFinal(secret);
    }

    private static ECDiffieHellman Agreement(ReadOnlySpan<byte> candidates)
    {
        for (; candidates.Length >= ScalarSize; candidates = candidates[ScalarSize..])
        {
            var candidate = candidates[..ScalarSize];
            if (candidate.SequenceCompareTo(Order) >= 0 || !candidate.ContainsAnyExcept((byte)0)) continue;
            var scalar = candidate.ToArray();
            try
            {
                return ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
            }
            finally
            {
                CryptographicOperations.ZeroMemory(scalar);
            }
        }
        throw new CryptographicException("Expected a scalar of P-256 among the candidates, got none.");
    }

    private static byte[] Point(ECDiffieHellman key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [0x04, .. point.X!, .. point.Y!];
    }

    private static bool TryAgree(ECDiffieHellman own, ReadOnlySpan<byte> point, out byte[] agreed)
    {
        agreed = [];
        var other = new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point[1..(ScalarSize + 1)].ToArray(), Y = point[(ScalarSize + 1)..].ToArray() },
        };
        // Where the curve is checked, on every platform the same way.
        if (point[0] != 0x04 || !PublicJwk.TryCreate(other, null, out var checkedPoint, out _)) return false;
        using var key = ECDiffieHellman.Create(checkedPoint.ToECParameters());
        using var publicKey = key.PublicKey;
        agreed = own.DeriveRawSecretAgreement(publicKey);
        return true;
    }
}
