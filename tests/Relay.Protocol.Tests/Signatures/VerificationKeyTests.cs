using System.Security.Cryptography;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Signatures;

public sealed class VerificationKeyTests
{
    public static TheoryData<JwkKind> Curves() => [JwkKind.P256, JwkKind.P384, JwkKind.P521];

    [Theory]
    [MemberData(nameof(Curves))]
    public async Task Verify_LocalSignature_HoldsUnderItsOwnAlgorithmAlone(JwkKind kind)
    {
        using var jwk = PrivateJwk.Generate(kind, "us#1");
        using var signer = new LocalSigner(jwk);
        using var key = Key(jwk.Public);
        var data = "signing input"u8.ToArray();
        var hash = new byte[signer.Algorithm.HashSize()];
        signer.Algorithm.Hash(data, hash);
        var signature = await signer.SignAsync(hash, TestContext.Current.CancellationToken);

        Assert.Equal(SignatureFault.None, key.Verify(signer.Algorithm, data, signature));
        Assert.Equal(SignatureFault.Invalid, key.Verify(signer.Algorithm, "another input"u8, signature));
        Assert.Equal(SignatureFault.WrongLength, key.Verify(signer.Algorithm, data, signature.AsSpan(1)));
        Assert.Equal(SignatureFault.WrongLength, key.Verify(signer.Algorithm, data, default));
        foreach (var other in Enum.GetValues<JwsAlgorithm>().Where(a => a != signer.Algorithm))
        {
            // A key on P-256 signs batches too, of which its own signature is none.
            var signsBatches = other == JwsAlgorithm.MTES256 && kind == JwkKind.P256;
            Assert.Equal(signsBatches, key.Accepts(other));
            Assert.Equal(
                signsBatches ? SignatureFault.MalformedBatch : SignatureFault.AlgorithmMismatch, key.Verify(other, data, signature));
        }
    }

    [Theory]
    [InlineData(JwsAlgorithm.PS256)]
    [InlineData(JwsAlgorithm.PS384)]
    [InlineData(JwsAlgorithm.PS512)]
    public void Verify_RsaSignature_HoldsForPssAlone(JwsAlgorithm algorithm)
    {
        using var rsa = RSA.Create(2048);
        Assert.True(VerificationKey.TryCreate(rsa.ExportParameters(false), out var key, out var error), error);
        using (key)
        {
            var data = "signing input"u8.ToArray();
            Assert.Equal(
                SignatureFault.None, key.Verify(algorithm, data, rsa.SignData(data, algorithm.HashName(), RSASignaturePadding.Pss)));
            Assert.Equal(
                SignatureFault.Invalid, key.Verify(algorithm, data, rsa.SignData(data, algorithm.HashName(), RSASignaturePadding.Pkcs1)));
            Assert.False(key.Accepts(JwsAlgorithm.ES256));
        }
    }

    // RFC 7515 appendix A.3: ES256 over the RFC's own signing input.
    [Fact]
    public void Verify_Rfc7515AppendixA3_Holds()
    {
        var json = """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"""u8;
        var input = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"u8;
        var signature = StrictBase64Url.Decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")!;
        Assert.True(PublicJwk.TryParse(json, out var jwk, out var error), error);
        using var key = Key(jwk);
        Assert.Equal(SignatureFault.None, key.Verify(JwsAlgorithm.ES256, input, signature));
    }

    [Fact]
    public async Task Verify_ManyThreadsAndDisposeMidway_AlwaysHolds()
    {
        using var jwk = PrivateJwk.Generate(JwkKind.P256, "us#1");
        using var signer = new LocalSigner(jwk);
        using var key = Key(jwk.Public);
        var data = "signing input"u8.ToArray();
        var signature = await signer.SignAsync(SHA256.HashData(data), TestContext.Current.CancellationToken);
        var wrong = (byte[])signature.Clone();
        wrong[7] ^= 1;

        var workers = Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                if (worker == 0 && i == 50) key.Dispose();
                if (key.Verify(JwsAlgorithm.ES256, data, signature) != SignatureFault.None
                    || key.Verify(JwsAlgorithm.ES256, data, wrong) != SignatureFault.Invalid)
                {
                    return false;
                }
            }
            return true;
        }));

        Assert.All(await Task.WhenAll(workers), Assert.True);
    }

    [Fact]
    public void TryParse_EveryAlgorithm_ReadsItsNameAndNoOther()
    {
        foreach (var algorithm in Enum.GetValues<JwsAlgorithm>())
        {
            Assert.True(JwsAlgorithms.TryParse(algorithm.Name(), out var parsed));
            Assert.Equal(algorithm, parsed);
        }
        foreach (var name in new[] { "none", "HS256", "RS256", "ES256K", "EdDSA", "es256", "" })
        {
            Assert.False(JwsAlgorithms.TryParse(name, out _), name);
        }
    }

    private static VerificationKey Key(PublicJwk jwk)
    {
        Assert.True(VerificationKey.TryCreate(jwk, out var key, out var error), error);
        return key;
    }
}
