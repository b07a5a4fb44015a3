using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Hybrid;

public sealed class HybridContentTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly PrivateJwk _iran = HybridKeyPair.Generate("iran/session-2");
    private readonly PrivateJwk _oman = HybridKeyPair.Generate("oman/session-2");
    private readonly IdentityKey _sender;

    public HybridContentTests()
    {
        _sender = _samples.SenderKey();
    }

    public void Dispose()
    {
        _sender.Key.Dispose();
        _samples.Dispose();
        _iran.Dispose();
        _oman.Dispose();
    }

    [Fact]
    public async Task TryOpen_OneHybridKey_GivesWhatWasSaid()
    {
        var content = await SealAsync(_iran.Public);
        Assert.Equal(SealingFault.None, Open(content, _samples.Iran, _iran));
        var header = Header(content);
        Assert.Equal(["alg", "enc", "com"], header.Select(member => member.Key));
        Assert.Equal(("HPKE-8-KE", "A256GCM"), ((string)header["alg"]!, (string)header["enc"]!));
        Assert.Equal(["kid", "ek"], content["recipients"]![0]!["header"]!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task TryOpen_HybridKeysAlone_EachOpens()
    {
        var content = await SealAsync(_iran.Public, _oman.Public);
        Assert.Equal("HPKE-8-KE", (string)Header(content)["alg"]!);
        Assert.Equal(SealingFault.None, Open(content, _iran));
        Assert.Equal(SealingFault.None, Open(content, _oman));
        Assert.NotEqual((string)content["recipients"]![0]!["header"]!["ek"]!, (string)content["recipients"]![1]!["header"]!["ek"]!);
    }

    [Fact]
    public async Task TryOpen_HybridKeyBesideP256_EachOpensByItsOwnAlgorithm()
    {
        var content = await SealAsync(_iran.Public, _samples.Oman.Public);
        Assert.Equal(["enc", "com"], Header(content).Select(member => member.Key));
        var headers = content["recipients"]!.AsArray().Select(one => one!["header"]!.AsObject()).ToList();
        Assert.Equal(["kid", "alg", "ek"], headers[0].Select(member => member.Key));
        Assert.Equal(["kid", "alg", "epk"], headers[1].Select(member => member.Key));
        Assert.Equal(("HPKE-8-KE", "ECDH-ES+A256KW"), ((string)headers[0]["alg"]!, (string)headers[1]["alg"]!));
        Assert.Equal(SealingFault.None, Open(content, _iran));
        Assert.Equal(SealingFault.None, Open(content, _samples.Oman));
    }

    [Fact]
    public async Task TryOpen_EveryMemberInTheProtectedHeader_UnwrapsTheContentKey()
    {
        // Where the draft's own example has them: the flattened form.
        var content = await SealAsync(_iran.Public);
        var header = Header(content);
        var own = content["recipients"]![0]!["header"]!.AsObject();
        var (kid, ek) = ((string)own["kid"]!, (string)own["ek"]!);
        var moved = new JsonObject { ["alg"] = "HPKE-8-KE", ["kid"] = kid, ["enc"] = "A256GCM", ["ek"] = ek, ["com"] = (string)header["com"]! };
        content["encrypted_key"] = (string)content["recipients"]![0]!["encrypted_key"]!;
        content.Remove("recipients");
        content["protected"] = Samples.Base64Url(moved.ToJsonString());
        // The tag covers the header, so it does not fit; that the content key came out is seen by the fault.
        Assert.Equal(SealingFault.WrongContentKey, Open(content, _iran));
    }

    [Fact]
    public async Task TryOpen_OtherKeyUnderTheSameId_IsKeyUnwrapFailed()
    {
        using var impostor = HybridKeyPair.Generate(_iran.KeyId);
        Assert.Equal(SealingFault.KeyUnwrapFailed, Open(await SealAsync(_iran.Public), impostor));
    }

    [Fact]
    public async Task TryOpen_PublicPartOfAnotherSeed_IsKeyUnwrapFailed()
    {
        var json = JsonNode.Parse(_iran.ToJson())!;
        json["pub"] = StrictBase64Url.Encode(_oman.Public.ToHybridBytes());
        Assert.True(PrivateJwk.TryParse(Samples.Utf8(json.ToJsonString()), out var mixed, out var error), error);
        using (mixed)
        {
            Assert.False(HybridKeyPair.Belongs(mixed));
            Assert.Equal(SealingFault.KeyUnwrapFailed, Open(await SealAsync(_iran.Public), mixed));
        }
    }

    [Fact]
    public async Task TryOpen_WrongKid_IsNoMatchingKey() =>
        Assert.Equal(SealingFault.NoMatchingKey, Open(await SealAsync(_iran.Public), _oman, _samples.Oman));

    [Fact]
    public async Task TryOpen_KidOfTheOtherAddressee_IsKeyUnwrapFailed()
    {
        var content = await SealAsync(_iran.Public, _oman.Public);
        Own(content, 0)["kid"] = _oman.KeyId;
        Own(content, 1)["kid"] = _iran.KeyId;
        Assert.Equal(SealingFault.KeyUnwrapFailed, Open(content, _iran));
    }

    [Fact]
    public async Task TryOpen_EncapsulationOfTheOtherAddressee_IsKeyUnwrapFailed()
    {
        var content = await SealAsync(_iran.Public, _oman.Public);
        Own(content, 0)["ek"] = (string)Own(content, 1)["ek"]!;
        Assert.Equal(SealingFault.KeyUnwrapFailed, Open(content, _iran));
    }

    [Theory]
    [InlineData(1152)]
    [InlineData(1088)]
    [InlineData(65)]
    [InlineData(0)]
    [InlineData(1154)]
    public async Task TryOpen_EncapsulationOfAnotherLength_IsBadEphemeralKey(int length)
    {
        var content = await SealAsync(_iran.Public);
        var ek = StrictBase64Url.Decode((string)Own(content, 0)["ek"]!)!;
        Array.Resize(ref ek, length);
        Own(content, 0)["ek"] = StrictBase64Url.Encode(ek);
        Assert.Equal(SealingFault.BadEphemeralKey, Open(content, _iran));
    }

    [Fact]
    public async Task TryOpen_AnyByteOfTheEncapsulationChanged_IsRefused()
    {
        var content = await SealAsync(_iran.Public);
        var ek = StrictBase64Url.Decode((string)Own(content, 0)["ek"]!)!;
        for (var i = 0; i < ek.Length; i += i < 1088 ? 17 : 1)
        {
            var changed = (byte[])ek.Clone();
            changed[i] ^= (byte)(1 << (i % 8));
            Own(content, 0)["ek"] = StrictBase64Url.Encode(changed);
            // In ML-KEM's part every ciphertext decapsulates to something; a point with one bit changed is not on the curve.
            Assert.Equal(i < 1088 ? SealingFault.KeyUnwrapFailed : SealingFault.BadEphemeralKey, Open(content, _iran));
        }
    }

    [Fact]
    public async Task TryOpen_AnotherPointOfTheCurve_IsKeyUnwrapFailed()
    {
        var content = await SealAsync(_iran.Public);
        var ek = StrictBase64Url.Decode((string)Own(content, 0)["ek"]!)!;
        _oman.Public.ToHybridBytes().AsSpan(1184).CopyTo(ek.AsSpan(1088));
        Own(content, 0)["ek"] = StrictBase64Url.Encode(ek);
        Assert.Equal(SealingFault.KeyUnwrapFailed, Open(content, _iran));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(47)]
    public async Task TryOpen_ByteOfTheEncryptedKeyChanged_IsKeyUnwrapFailed(int at)
    {
        var content = await SealAsync(_iran.Public);
        var key = StrictBase64Url.Decode((string)content["recipients"]![0]!["encrypted_key"]!)!;
        Assert.Equal(48, key.Length);
        key[at] ^= 0x80;
        content["recipients"]![0]!["encrypted_key"] = StrictBase64Url.Encode(key);
        Assert.Equal(SealingFault.KeyUnwrapFailed, Open(content, _iran));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(47)]
    [InlineData(49)]
    public async Task TryOpen_EncryptedKeyOfAnotherLength_IsMalformed(int length)
    {
        var content = await SealAsync(_iran.Public);
        content["recipients"]![0]!["encrypted_key"] = StrictBase64Url.Encode(new byte[length]);
        Assert.Equal(SealingFault.Malformed, Open(content, _iran));
    }

    [Theory]
    [InlineData("HPKE-8", SealingFault.UnsupportedAlgorithm)]
    [InlineData("HPKE-9-KE", SealingFault.UnsupportedAlgorithm)]
    [InlineData("HPKE-7-KE", SealingFault.UnsupportedAlgorithm)]
    [InlineData("HPKE-14-KE", SealingFault.UnsupportedAlgorithm)]
    [InlineData("ECDH-ES", SealingFault.Malformed)]
    [InlineData("ECDH-ES+A256KW", SealingFault.Malformed)]
    public async Task TryOpen_AlgorithmRenamed_IsRefused(string name, SealingFault expected)
    {
        var content = await SealAsync(_iran.Public);
        var header = Header(content);
        header["alg"] = name;
        content["protected"] = Samples.Base64Url(header.ToJsonString());
        Assert.Equal(expected, Open(content, _iran));
    }

    [Fact]
    public async Task TryOpen_HpkeEntryForAP256Key_IsAlgorithmMismatch()
    {
        var content = await SealAsync(_iran.Public);
        Own(content, 0)["kid"] = _samples.Iran.KeyId;
        Assert.Equal(SealingFault.AlgorithmMismatch, Open(content, _samples.Iran));
    }

    [Fact]
    public async Task TryOpen_EcdhEntryForAHybridKey_IsAlgorithmMismatch()
    {
        foreach (PublicJwk[] keys in new PublicJwk[][] { [_samples.Iran.Public], [_samples.Iran.Public, _samples.Oman.Public] })
        {
            var content = await SealAsync(keys);
            Own(content, 0)["kid"] = _iran.KeyId;
            Assert.Equal(SealingFault.AlgorithmMismatch, Open(content, _iran));
        }
    }

    [Theory]
    [InlineData("HPKE-0")]
    [InlineData("HPKE-7-KE")]
    public async Task TryOpen_P256KeyThatIsForHpke_IsNeverUsedForEcdhEs(string algorithm)
    {
        var content = await SealAsync(_samples.Iran.Public);
        Assert.Equal(SealingFault.AlgorithmMismatch, OpenWith(algorithm));
        Assert.Equal(SealingFault.None, OpenWith("ECDH-ES"));
        Assert.Equal(SealingFault.None, OpenWith("ECDH-ES+A256KW"));

        SealingFault OpenWith(string name)
        {
            var json = JsonNode.Parse(_samples.Iran.ToJson())!;
            json["alg"] = name;
            Assert.True(PrivateJwk.TryParse(Samples.Utf8(json.ToJsonString()), out var key, out var error), error);
            using (key) return Open(content, key);
        }
    }

    [Fact]
    public async Task SealAsync_P256KeyThatIsForHpke_Throws()
    {
        var json = JsonNode.Parse(_samples.Iran.Public.ToJson())!;
        json["alg"] = "HPKE-7-KE";
        Assert.True(PublicJwk.TryParse(Samples.Utf8(json.ToJsonString()), out var key, out var error), error);
        Assert.False(key.MayReceive);
        await Assert.ThrowsAsync<ArgumentException>(() => SealAsync(key));
    }

    [Fact]
    public async Task SealAsync_HybridKeyWithoutWhatEncryptsForIt_Throws()
    {
        var thrown = await Assert.ThrowsAsync<ArgumentException>(() => _samples.SealAsync([_iran.Public]));
        Assert.Equal("hpke", thrown.ParamName);
    }

    [Fact]
    public async Task TryOpen_HybridKeyWithoutWhatOpensForIt_Throws()
    {
        var envelope = Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public]));
        Assert.Throws<ArgumentException>("hpke", () => ContentOpener.TryOpen(envelope, [_samples.Iran, _iran], [_sender], out _, out _, out _));
    }

    [Theory]
    [InlineData("ek")]
    [InlineData("alg")]
    [InlineData("kid")]
    public async Task TryOpen_RecipientWithoutAMember_IsMalformed(string member)
    {
        var content = await SealAsync(_iran.Public, _samples.Oman.Public);
        Own(content, 0).Remove(member);
        Assert.Equal(member == "alg" ? SealingFault.UnsupportedAlgorithm : SealingFault.Malformed, Open(content, _iran));
    }

    [Fact]
    public async Task TryOpen_MemberOfTheOtherFamily_IsMalformed()
    {
        var content = await SealAsync(_iran.Public, _samples.Oman.Public);
        Own(content, 0)["epk"] = Own(content, 1)["epk"]!.DeepClone();
        Assert.Equal(SealingFault.Malformed, Open(content, _iran));
        Own(content, 0).Remove("epk");
        Own(content, 1)["ek"] = (string)Own(content, 0)["ek"]!;
        Assert.Equal(SealingFault.Malformed, Open(content, _iran));
    }

    [Theory]
    [InlineData("psk_id")]
    [InlineData("apu")]
    [InlineData("crit")]
    public async Task TryOpen_HeaderMemberNotOfTheFormat_IsMalformed(string member)
    {
        var content = await SealAsync(_iran.Public);
        Own(content, 0)[member] = "AAAA";
        Assert.Equal(SealingFault.Malformed, Open(content, _iran));
    }

    [Fact]
    public async Task TryOpen_MovedToAnotherEnvelope_IsWrongEnvelope()
    {
        var content = Samples.Utf8((await SealAsync(_iran.Public)).ToJsonString());
        var envelope = Samples.Sealed(content, Samples.FirstId with { Negotiation = "geneva" });
        Assert.False(ContentOpener.TryOpen(envelope, [_iran], HpkeKeyEncryption.Instance, [_sender], out _, out var fault, out _));
        Assert.Equal(SealingFault.WrongEnvelope, fault);
    }

    [Fact]
    public async Task TryOpen_AnotherTextUnderTheSameCommitment_IsBrokenCommitment()
    {
        var padded = Plaintext.Write(new byte[Commitment.OpeningSize], "x"u8, "y"u8);
        var com = Digest.Of("another"u8);
        var content = ContentSealer.Encrypt(padded, Samples.FirstId, com, [_iran.Public], HpkeKeyEncryption.Instance);
        Assert.Equal(SealingFault.BrokenCommitment, Open(JsonNode.Parse(content)!.AsObject(), _iran));
    }

    [Fact]
    public async Task TryProve_HybridKey_ShowsNothing()
    {
        var content = await SealAsync(_iran.Public, _samples.Oman.Public);
        var envelope = Sealed(content);
        Assert.False(ContentOpener.TryProve(envelope, [_iran], out _, out _));
        Assert.True(ContentOpener.TryProve(envelope, [_samples.Oman], out var keyId, out var proof));
        Assert.Equal(_samples.Oman.KeyId, keyId);
        Assert.Equal(WrapFault.NotForKey, ContentOpener.Check(envelope.Head, envelope.Content, proof, _iran.Public, out _));
        Assert.Equal(WrapFault.None, ContentOpener.Check(envelope.Head, envelope.Content, proof, _samples.Oman.Public, out _));
    }

    private async Task<JsonObject> SealAsync(params PublicJwk[] recipients)
    {
        using var signer = new LocalSigner(_samples.Identity);
        var draft = new StatementDraft
        {
            Id = Samples.FirstId,
            Audience = recipients.Length == 1 ? ["iran"] : ["iran", "oman"],
            ContentType = "text/plain",
            Body = "we accept"u8.ToArray(),
        };
        var content = await ContentSealer.SealAsync(
            draft, signer, recipients, HpkeKeyEncryption.Instance, TestContext.Current.CancellationToken);
        return JsonNode.Parse(content)!.AsObject();
    }

    private static JsonObject Header(JsonObject content) => JsonNode.Parse(StrictBase64Url.Decode((string)content["protected"]!)!)!.AsObject();

    private static JsonObject Own(JsonObject content, int recipient) => content["recipients"]![recipient]!["header"]!.AsObject();

    private static SealedEnvelope Sealed(JsonObject content) => Samples.Sealed(
        Samples.Utf8(content.ToJsonString()), audience: content["recipients"]?.AsArray().Count > 1 ? ["iran", "oman"] : ["iran"]);

    private SealingFault Open(JsonObject content, params PrivateJwk[] keys)
    {
        var opened = ContentOpener.TryOpen(
            Sealed(content), keys, HpkeKeyEncryption.Instance, [_sender], out var statement, out var fault, out var detail);
        Assert.Equal(opened, fault == SealingFault.None);
        Assert.Equal(opened, detail.Length == 0);
        if (opened) Assert.Equal("we accept", Samples.Text(statement!.Body));
        return fault;
    }
}
