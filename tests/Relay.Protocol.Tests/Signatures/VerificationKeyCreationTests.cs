using System.Security.Cryptography;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Protocol.Tests.Signatures;

/// <summary>Which keys verify signatures, and what is said of those that do not.</summary>
public sealed class VerificationKeyCreationTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(1024)]
    public void TryCreate_OfAVerificationKey_RemembersTwoBatchesAtLeast(int batches)
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, "us#1");
        Assert.True(VerificationKey.TryCreate(key.Public, batches, out var verification, out var error), error);
        Assert.Equal(("us#1 (P256)", JwkKind.P256, ""), (verification.ToString(), verification.Kind, error));
        verification.Dispose();
        Assert.Throws<ArgumentOutOfRangeException>(() => VerificationKey.TryCreate(key.Public, 1, out _, out _));
    }

    [Fact]
    public void TryCreate_OfAKeyThatSignsNothing_SaysWhatIsExpected()
    {
        using var hybrid = HybridKeyPair.Generate("us#enc-1");
        Assert.False(VerificationKey.TryCreate(hybrid.Public, out var none, out var error));
        Assert.Equal((null, "expected a key for verifying signatures, its kind, 'use' or 'key_ops' say otherwise"), (none, error));
        using var key = PrivateJwk.Generate(JwkKind.P256, "us#1");
        foreach (var (member, problem) in new[]
        {
            ("\"use\":\"enc\"", "expected a key for verifying signatures, "),
            ("\"alg\":\"ES384\"", "expected 'alg' to be one for this kind"),
            ("\"alg\":\"MT-ES256\"", "expected 'alg' to be one for this kind"),
            ("\"alg\":\"PS256\"", "expected 'alg' to be one for this kind"),
        })
        {
            var json = Samples.Text(key.Public.ToJson()).Replace("{", $"{{{member},", StringComparison.Ordinal);
            Assert.True(PublicJwk.TryParse(Samples.Utf8(json), out var jwk, out var unread), unread);
            Assert.False(VerificationKey.TryCreate(jwk, out none, out error));
            Assert.Null(none);
            Assert.StartsWith(problem, error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2048)]
    [InlineData(4096)]
    public void Verify_OfRsaWithASignatureOfAnotherLength_IsWrongLength(int bits)
    {
        using var rsa = RSA.Create(bits);
        Assert.True(VerificationKey.TryCreate(rsa.ExportParameters(false), out var key, out var error), error);
        using (key)
        {
            var data = "signing input"u8.ToArray();
            var signature = rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
            Assert.Equal(SignatureFault.None, key.Verify(JwsAlgorithm.PS256, data, signature));
            Assert.Equal(SignatureFault.WrongLength, key.Verify(JwsAlgorithm.PS256, data, signature.AsSpan(1)));
            Assert.Equal(SignatureFault.WrongLength, key.Verify(JwsAlgorithm.PS256, data, [0, .. signature]));
            Assert.Equal(SignatureFault.AlgorithmMismatch, key.Verify(JwsAlgorithm.MTES256, data, signature));
            Assert.Equal("key without id (Rsa)", key.ToString());
        }
    }
}
