using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;

namespace Relay.Protocol.Sealing;

/// <summary>
/// What an addressee shows so that an outsider can unwrap for it, this one time: the secret that it shares with the sender of one
/// content, and a proof that it is that. Its private key stays with it, and no other content opens by it.
/// </summary>
/// <remarks>
/// References: Chaum, Pedersen, "Wallet databases with observers" (CRYPTO 1992), section 3.2, made non-interactive (Fiat, Shamir).
/// With key P = dG and ephemeral key E of the sender, S = dE. For a random k, a and b are the x coordinates of kG and kE,
/// <code>
/// c = SHA-256( "relay-wrap-proof/v1" | P | E | S | a | b | envelope digest )       points x then y, 64 bytes
/// s = k + c d mod n
/// </code>
/// and a verifier finds a and b again as the x coordinates of sG - cP and sE - cS.
/// </remarks>
public sealed class WrapProof
{
    /// <summary>Bytes: the point S, then c, then s.</summary>
    public const int Size = P256Point.Size + 2 * ScalarSize;

    private const int ScalarSize = 32;

    private readonly byte[] _bytes;

    private WrapProof(byte[] bytes) => _bytes = bytes;

    /// <summary>The proof, <see cref="Size"/> bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>x of S: what ECDH-ES derives from.</summary>
    internal ReadOnlySpan<byte> Secret => _bytes.AsSpan(0, ScalarSize);

    /// <summary>Takes the bytes of a proof; false when they are not as many.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out WrapProof? proof)
    {
        proof = bytes.Length == Size ? new WrapProof(bytes.ToArray()) : null;
        return proof is not null;
    }

    /// <summary>Makes a proof; every multiplication with a secret number is the platform's.</summary>
    internal static WrapProof Create(PrivateJwk key, PublicJwk ephemeral, in Digest envelope)
    {
        using var own = key.CreateECDiffieHellman();
        using var nonce = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDiffieHellman.Create(ephemeral.ToECParameters());
        using var otherKey = other.PublicKey;
        var secret = own.DeriveRawSecretAgreement(otherKey);
        var (a, b) = (nonce.ExportParameters(false).Q.X!, nonce.DeriveRawSecretAgreement(otherKey));
        var (k, d) = (nonce.ExportParameters(true).D!, own.ExportParameters(true).D!);
        try
        {
            if (!P256Point.TryFromX(secret, out var one, out var two)) throw new CryptographicException("Expected a point, got none.");
            // The platform tells x alone; of the two points with it one is S, and the proof holds for no other.
            foreach (var shared in (ReadOnlySpan<P256Point>)[one, two])
            {
                var challenge = Challenge(key.Public, ephemeral, shared.ToBytes(), a, b, envelope);
                var product = P256Point.Number(challenge) * P256Point.Number(d);
                var answer = (P256Point.Number(k) + product) % P256Point.Order;
                var proof = new WrapProof([.. shared.ToBytes(), .. challenge, .. P256Point.Bytes(answer)]);
                if (proof.Verify(key.Public, ephemeral, envelope)) return proof;
            }
            throw new CryptographicException("Expected a proof that holds, got none.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(k);
            CryptographicOperations.ZeroMemory(d);
        }
    }

    /// <summary>True when the secret is the one that this key shares with that ephemeral key.</summary>
    internal bool Verify(PublicJwk key, PublicJwk ephemeral, in Digest envelope)
    {
        if (key.Kind != JwkKind.P256 || ephemeral.Kind != JwkKind.P256) return false;
        if (!P256Point.TryRead(_bytes.AsSpan(0, P256Point.Size), out var shared)) return false;
        var challenge = _bytes.AsSpan(P256Point.Size, ScalarSize);
        var (c, s) = (P256Point.Number(challenge), P256Point.Number(_bytes.AsSpan(P256Point.Size + ScalarSize)));
        if (s >= P256Point.Order) return false;
        var first = P256Point.Generator.Combine(s, c % P256Point.Order, P256Point.Of(key));
        var second = P256Point.Of(ephemeral).Combine(s, c % P256Point.Order, shared);
        return !first.IsInfinity
            && !second.IsInfinity
            && challenge.SequenceEqual(Challenge(key, ephemeral, shared.ToBytes(), first.X(), second.X(), envelope));
    }

    private static byte[] Challenge(
        PublicJwk key, PublicJwk ephemeral, ReadOnlySpan<byte> shared, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, in Digest envelope)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("relay-wrap-proof/v1"u8);
        hash.AppendData(P256Point.Of(key).ToBytes());
        hash.AppendData(P256Point.Of(ephemeral).ToBytes());
        hash.AppendData(shared);
        hash.AppendData(a);
        hash.AppendData(b);
        hash.AppendData(envelope.ToArray());
        return hash.GetHashAndReset();
    }
}
