using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;

namespace Relay.Protocol.Tests.Wycheproof;

/// <summary>ML-KEM-768 as it is used here: from seeds, with random bytes handed in, and with keys that have been checked.</summary>
public sealed class MlKemVectorTests
{
    private static readonly MLKemParameters Parameters = MLKemParameters.ml_kem_768;

    // Any point of the curve: what is looked at is the part before it.
    private static readonly byte[] Generator = Convert.FromHexString(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");

    [Fact]
    public void FromSeed_WycheproofKeyGen_AgreesOnEveryCase()
    {
        var run = 0;
        foreach (var test in WycheproofFile.Read("mlkem-768-keygen"))
        {
            run++;
            var key = MLKemPrivateKeyParameters.FromSeed(Parameters, test.Hex("seed"));
            Assert.True(SHA256.HashData(key.GetPublicKeyEncoded()).AsSpan().SequenceEqual(test.Hex("ek#")), test.Name);
            Assert.True(SHA256.HashData(key.GetEncoded()).AsSpan().SequenceEqual(test.Hex("dk#")), test.Name);
        }
        Assert.Equal(100, run);
    }

    [Fact]
    public void Encapsulate_Wycheproof_AgreesOnEveryCaseAndRefusesEveryKeyNotReduced()
    {
        var (run, refused) = (0, 0);
        foreach (var test in WycheproofFile.Read("mlkem-768-encaps"))
        {
            run++;
            var taken = HybridKey.IsPublicKey([.. test.Hex("ek"), .. Generator]);
            Assert.True(taken == test.IsValid, test.Name);
            if (!taken)
            {
                refused++;
                Assert.ThrowsAny<ArgumentException>(() => MLKemPublicKeyParameters.FromEncoding(Parameters, test.Hex("ek")));
                continue;
            }
            var (secret, ciphertext) = (new byte[32], new byte[1088]);
            MlKem768P256.EncapsulateMlKem(test.Hex("ek"), test.Hex("m"), secret, ciphertext);
            Assert.True(secret.AsSpan().SequenceEqual(test.Hex("K")), test.Name);
            Assert.True(SHA256.HashData(ciphertext).AsSpan().SequenceEqual(test.Hex("c#")), test.Name);
        }
        Assert.Equal((265, 132), (run, refused));
    }

    [Fact]
    public void Decapsulate_Wycheproof_AgreesOnEveryCase()
    {
        var (run, refused) = (0, 0);
        foreach (var test in WycheproofFile.Read("mlkem-768"))
        {
            run++;
            var secret = new byte[32];
            if (!test.IsValid)
            {
                refused++;
                Assert.ThrowsAny<ArgumentException>(() => Decapsulate(test, secret));
                continue;
            }
            Decapsulate(test, secret);
            Assert.True(secret.AsSpan().SequenceEqual(test.Hex("K")), test.Name);
        }
        Assert.Equal((193, 40), (run, refused));

        static void Decapsulate(WycheproofCase test, byte[] secret)
        {
            var key = MLKemPrivateKeyParameters.FromSeed(Parameters, test.Hex("seed"));
            Assert.True(SHA256.HashData(key.GetPublicKeyEncoded()).AsSpan().SequenceEqual(test.Hex("ek#")), test.Name);
            MlKem768P256.DecapsulateMlKem(key, test.Hex("c"), secret);
        }
    }

    [Fact]
    public void Decapsulate_WycheproofExpandedKeys_AgreesOnEveryCase()
    {
        var run = 0;
        foreach (var test in WycheproofFile.Read("mlkem-768-expanded"))
        {
            run++;
            var secret = new byte[32];
            if (!test.IsValid)
            {
                Assert.ThrowsAny<ArgumentException>(() => Decapsulate(test, secret));
                continue;
            }
            Decapsulate(test, secret);
            Assert.True(secret.AsSpan().SequenceEqual(test.Hex("K")), test.Name);
        }
        Assert.Equal(9, run);

        static void Decapsulate(WycheproofCase test, byte[] secret) =>
            MlKem768P256.DecapsulateMlKem(MLKemPrivateKeyParameters.FromEncoding(Parameters, test.Hex("dk")), test.Hex("c"), secret);
    }
}
