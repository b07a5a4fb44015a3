using System.Text.Json.Nodes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.Protocol.Tests.Hybrid;

public sealed class HybridKeyTests : IDisposable
{
    private readonly PrivateJwk _key = HybridKeyPair.Generate("iran#enc-2");

    public void Dispose() => _key.Dispose();

    [Fact]
    public void PublicSurface_Now_IsTheApprovedOne() => ApprovedApi.AssertMatches(typeof(HpkeKeyEncryption).Assembly, "Hybrid/ApprovedApi.txt");

    [Fact]
    public void TryParse_OwnJson_IsTheSameKey()
    {
        Assert.True(PrivateJwk.TryParse(_key.ToJson(), out var read, out var error), error);
        using (read)
        {
            Assert.Equal((JwkKind.MlKem768P256, _key.KeyId), (read.Kind, read.KeyId));
            Assert.Equal(_key.ToJson(), read.ToJson());
            Assert.True(HybridKeyPair.Belongs(read));
        }
        Assert.True(PublicJwk.TryParse(_key.Public.ToJson(), out var open, out error), error);
        Assert.Equal(_key.Public.Thumbprint(), open.Thumbprint());
        Assert.Equal(_key.Public.ToHybridBytes(), open.ToHybridBytes());
        Assert.True(open.MayReceive);
        Assert.DoesNotContain("priv", Samples.Text(_key.Public.ToJson()), StringComparison.Ordinal);
    }

    [Fact]
    public void ToJson_AHybridKey_IsTheDraftsForm()
    {
        var json = JsonNode.Parse(_key.ToJson())!.AsObject();
        Assert.Equal(["kty", "alg", "pub", "priv", "kid"], json.Select(member => member.Key));
        Assert.Equal(("AKP", "HPKE-8-KE"), ((string)json["kty"]!, (string)json["alg"]!));
        Assert.Equal((1249, 32), (Bytes(json, "pub").Length, Bytes(json, "priv").Length));
    }

    [Fact]
    public void TryParse_PrivateKeyAsPublic_IsRefused()
    {
        Assert.False(PublicJwk.TryParse(_key.ToJson(), out _, out var error));
        Assert.Contains("'priv'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pub", 1248)]
    [InlineData("pub", 1250)]
    [InlineData("pub", 1184)]
    [InlineData("pub", 0)]
    [InlineData("priv", 31)]
    [InlineData("priv", 33)]
    [InlineData("priv", 64)]
    [InlineData("priv", 0)]
    public void TryParse_PartOfAnotherLength_IsRefused(string member, int length)
    {
        var json = JsonNode.Parse(_key.ToJson())!;
        var bytes = Bytes(json, member);
        Array.Resize(ref bytes, length);
        json[member] = StrictBase64Url.Encode(bytes);
        Assert.False(PrivateJwk.TryParse(Samples.Utf8(json.ToJsonString()), out _, out var error));
        Assert.Contains($"'{member}' of", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alg")]
    [InlineData("pub")]
    [InlineData("priv")]
    [InlineData("kid")]
    [InlineData("kty")]
    public void TryParse_MemberMissing_IsRefused(string member)
    {
        var json = JsonNode.Parse(_key.ToJson())!.AsObject();
        json.Remove(member);
        Assert.False(PrivateJwk.TryParse(Samples.Utf8(json.ToJsonString()), out _, out var error));
        Assert.NotEqual("", error);
    }

    [Fact]
    public void IsPublicKey_AnyCoefficientNotBelowTheModulus_IsFalse()
    {
        var key = _key.Public.ToHybridBytes();
        for (var coefficient = 0; coefficient < 3 * 256; coefficient++)
        {
            Assert.True(HybridKey.IsPublicKey(With(key, coefficient, 3328)));
            Assert.False(HybridKey.IsPublicKey(With(key, coefficient, 3329)));
            Assert.False(HybridKey.IsPublicKey(With(key, coefficient, 4095)));
        }
    }

    [Theory]
    [InlineData(1184, 0x05)]
    [InlineData(1184, 0x06)]
    [InlineData(1185, 0x01)]
    [InlineData(1248, 0x80)]
    public void IsPublicKey_PointOffItsCurve_IsFalse(int at, byte flipped)
    {
        var key = _key.Public.ToHybridBytes();
        key[at] ^= flipped;
        Assert.False(HybridKey.IsPublicKey(key));
    }

    [Fact]
    public void Signing_WithAHybridKey_IsRefused()
    {
        Assert.False(VerificationKey.TryCreate(_key.Public, out _, out var error));
        Assert.Contains("expected a key for verifying", error, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new LocalSigner(_key));
        Assert.Throws<InvalidOperationException>(_key.CreateECDsa);
        Assert.Throws<InvalidOperationException>(_key.CreateECDiffieHellman);
        Assert.Throws<ArgumentException>(() => PrivateJwk.Generate(JwkKind.MlKem768P256, "iran#enc-3"));
    }

    [Fact]
    public void KeyEncryption_KeyOfAnotherKind_Throws()
    {
        using var other = PrivateJwk.Generate(JwkKind.P256, "iran#enc-1");
        var hpke = HpkeKeyEncryption.Instance;
        Assert.Throws<ArgumentException>(() => hpke.Encrypt(other.Public, [], new byte[32], new byte[1153], new byte[48]));
        Assert.Throws<ArgumentException>(() => hpke.TryDecrypt(other, [], new byte[1153], new byte[48], new byte[32]));
        Assert.Throws<InvalidOperationException>(() => other.CopySeed(new byte[32]));
        Assert.Throws<InvalidOperationException>(other.Public.ToHybridBytes);
    }

    [Fact]
    public void KeyEncryption_Info_IsBoundIn()
    {
        var hpke = HpkeKeyEncryption.Instance;
        var (encapsulation, encrypted, opened) = (new byte[HybridKey.EncapsulationSize], new byte[48], new byte[32]);
        hpke.Encrypt(_key.Public, JweNames.HpkeInfo, new byte[32], encapsulation, encrypted);
        Assert.True(hpke.TryDecrypt(_key, JweNames.HpkeInfo, encapsulation, encrypted, opened));
        Assert.False(hpke.TryDecrypt(_key, JweNames.HpkeInfo[..^1], encapsulation, encrypted, opened));
        Assert.False(hpke.TryDecrypt(_key, [], encapsulation, encrypted, opened));
        Assert.False(hpke.TryDecrypt(_key, JweNames.HpkeInfo, encapsulation.AsSpan(..^1), encrypted, opened));
        Assert.False(hpke.TryDecrypt(_key, JweNames.HpkeInfo, encapsulation, encrypted.AsSpan(..^1), opened));
        Assert.Equal("JOSE-HPKE rcpt\u00ffA256GCM\u00ff", System.Text.Encoding.Latin1.GetString(JweNames.HpkeInfo));
    }

    [Fact]
    public void Dispose_AHybridKey_ItsSeedIsGone()
    {
        var key = HybridKeyPair.Generate("iran#enc-4");
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.CopySeed(new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => HybridKeyPair.Belongs(key));
    }

    // Coefficients are 12 bits each, the lower ones first.
    private static byte[] With(byte[] key, int coefficient, int value)
    {
        var changed = (byte[])key.Clone();
        var at = coefficient / 2 * 3;
        if (coefficient % 2 == 0)
        {
            changed[at] = (byte)value;
            changed[at + 1] = (byte)((changed[at + 1] & 0xf0) | value >> 8);
        }
        else
        {
            changed[at + 1] = (byte)((changed[at + 1] & 0x0f) | (value & 0x0f) << 4);
            changed[at + 2] = (byte)(value >> 4);
        }
        return changed;
    }

    private static byte[] Bytes(JsonNode json, string member) => StrictBase64Url.Decode((string)json[member]!)!;
}
