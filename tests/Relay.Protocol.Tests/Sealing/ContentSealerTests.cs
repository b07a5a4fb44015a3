using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Sealing;

public sealed class ContentSealerTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly IdentityKey _sender;

    public ContentSealerTests()
    {
        _sender = _samples.SenderKey();
    }

    public void Dispose()
    {
        _sender.Key.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task TryOpen_OneAddressee_GivesWhatWasSaid()
    {
        var payload = Samples.Payload(await _samples.SealAsync([_samples.Iran.Public], "we accept"));

        Assert.Contains("\"alg\":\"ECDH-ES\"", Header(payload), StringComparison.Ordinal);
        Assert.True(
            ContentOpener.TryOpen(payload, [_samples.Oman, _samples.Iran], [_sender], out var statement, out _, out var detail), detail);
        Assert.Equal("we accept", Samples.Text(statement.Body));
        Assert.Equal("text/plain", statement.ContentType);
        Assert.Equal("us#1", statement.SignerKeyId);
        Assert.Equal(payload.Id, statement.Id);
    }

    [Fact]
    public async Task TryOpen_TwoAddressees_EachOpens()
    {
        var payload = Samples.Payload(
            await _samples.SealAsync([_samples.Iran.Public, _samples.Oman.Public], "to both"), audience: ["iran", "oman"]);

        Assert.Contains("\"alg\":\"ECDH-ES+A256KW\"", Header(payload), StringComparison.Ordinal);
        foreach (var key in new[] { _samples.Iran, _samples.Oman })
        {
            Assert.True(ContentOpener.TryOpen(payload, [key], [_sender], out var statement, out _, out var detail), detail);
            Assert.Equal("to both", Samples.Text(statement.Body));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task TryOpen_AnyBodyLength_GivesItBack(int length)
    {
        var body = new string('b', length);
        var payload = Samples.Payload(await _samples.SealAsync([_samples.Iran.Public], body));
        Assert.True(ContentOpener.TryOpen(payload, [_samples.Iran], [_sender], out var statement, out _, out var detail), detail);
        Assert.Equal(body, Samples.Text(statement.Body));
    }

    [Fact]
    public async Task SealAsync_SameStatementTwice_SharesNothing()
    {
        var first = JsonNode.Parse(await _samples.SealAsync([_samples.Iran.Public]))!;
        var second = JsonNode.Parse(await _samples.SealAsync([_samples.Iran.Public]))!;
        foreach (var member in new[] { "protected", "iv", "ciphertext", "tag" })
        {
            Assert.NotEqual((string?)first[member], (string?)second[member]);
        }
    }

    [Fact]
    public async Task SealAsync_BodiesOfOnePaddingStep_HaveOneLength()
    {
        var lengths = new HashSet<int>();
        for (var length = 2000; length < 2032; length++)
        {
            lengths.Add(
                ((string)JsonNode.Parse(await _samples.SealAsync([_samples.Iran.Public], new string('x', length)))!["ciphertext"]!).Length);
        }
        Assert.InRange(lengths.Count, 1, 2);
    }

    [Fact]
    public async Task TryOpen_ContentMovedToAnotherEnvelope_IsWrongEnvelope() =>
        await AssertFaultAsync(SealingFault.WrongEnvelope, id: Samples.FirstId with { Negotiation = "geneva" });

    [Fact]
    public async Task TryOpen_NoKeyHeld_IsNoMatchingKey()
    {
        var payload = Samples.Payload(await _samples.SealAsync([_samples.Iran.Public]));
        Assert.Equal(SealingFault.NoMatchingKey, Open(payload, _samples.Oman));
    }

    [Fact]
    public async Task TryOpen_OtherKeyUnderTheSameId_DoesNotDecrypt()
    {
        using var impostor = PrivateJwk.Generate(JwkKind.P256, _samples.Iran.KeyId);
        var one = Samples.Payload(await _samples.SealAsync([_samples.Iran.Public]));
        var two = Samples.Payload(await _samples.SealAsync([_samples.Iran.Public, _samples.Oman.Public]), audience: ["iran", "oman"]);
        Assert.Equal(SealingFault.DecryptionFailed, Open(one, impostor));
        Assert.Equal(SealingFault.KeyUnwrapFailed, Open(two, impostor));
    }

    [Theory]
    [InlineData("ciphertext", SealingFault.DecryptionFailed)]
    [InlineData("tag", SealingFault.DecryptionFailed)]
    [InlineData("iv", SealingFault.DecryptionFailed)]
    [InlineData("aad", SealingFault.WrongEnvelope)]
    public async Task TryOpen_OneBitChanged_IsRefused(string member, SealingFault expected)
    {
        var node = JsonNode.Parse(await _samples.SealAsync([_samples.Iran.Public]))!;
        var bytes = StrictBase64Url.Decode((string)node[member]!)!;
        bytes[^1] ^= 1;
        node[member] = StrictBase64Url.Encode(bytes);
        Assert.Equal(expected, Open(node));
    }

    [Fact]
    public async Task TryOpen_HeaderReordered_DoesNotDecrypt()
    {
        var node = JsonNode.Parse(await _samples.SealAsync([_samples.Iran.Public]))!;
        var header = Samples.Text(StrictBase64Url.Decode((string)node["protected"]!));
        node["protected"] = Samples.Base64Url(header.Replace("{\"alg\"", "{ \"alg\"", StringComparison.Ordinal));
        Assert.Equal(SealingFault.DecryptionFailed, Open(node));
    }

    [Theory]
    [InlineData("\"alg\":\"ECDH-ES\"", "\"alg\":\"dir\"", SealingFault.UnsupportedAlgorithm)]
    [InlineData("\"alg\":\"ECDH-ES\"", "\"alg\":\"ECDH-ES+A128KW\"", SealingFault.UnsupportedAlgorithm)]
    [InlineData("\"alg\":\"ECDH-ES\"", "\"alg\":\"none\"", SealingFault.UnsupportedAlgorithm)]
    [InlineData("A256GCM", "A128GCM", SealingFault.UnsupportedAlgorithm)]
    [InlineData("\"enc\"", "\"zip\":\"DEF\",\"enc\"", SealingFault.Malformed)]
    [InlineData("\"enc\"", "\"apu\":\"\",\"enc\"", SealingFault.Malformed)]
    [InlineData("\"enc\"", "\"crit\":[\"x\"],\"enc\"", SealingFault.Malformed)]
    [InlineData("\"enc\"", "\"enc\":\"A256GCM\",\"enc\"", SealingFault.Malformed)]
    [InlineData("\"alg\":\"ECDH-ES\"", "\"alg\":\"ECDH-ES+A256KW\"", SealingFault.Malformed)]
    [InlineData("P-256", "P-384", SealingFault.BadEphemeralKey)]
    public async Task TryOpen_HeaderRuleBroken_SaysWhich(string old, string replacement, SealingFault expected)
    {
        var node = JsonNode.Parse(await _samples.SealAsync([_samples.Iran.Public]))!;
        var header = Samples.Text(StrictBase64Url.Decode((string)node["protected"]!));
        node["protected"] = Samples.Base64Url(header.Replace(old, replacement, StringComparison.Ordinal));
        Assert.Equal(expected, Open(node));
    }

    [Fact]
    public async Task TryOpen_EphemeralPointOffTheCurve_IsBadEphemeralKey()
    {
        var node = JsonNode.Parse(await _samples.SealAsync([_samples.Iran.Public]))!;
        var header = JsonNode.Parse(StrictBase64Url.Decode((string)node["protected"]!)!)!;
        var y = StrictBase64Url.Decode((string)header["epk"]!["y"]!)!;
        y[5] ^= 1;
        header["epk"]!["y"] = StrictBase64Url.Encode(y);
        node["protected"] = Samples.Base64Url(header.ToJsonString());
        Assert.Equal(SealingFault.BadEphemeralKey, Open(node));
    }

    [Theory]
    [InlineData("unprotected")]
    [InlineData("header")]
    [InlineData("encrypted_key")]
    [InlineData("x")]
    public async Task TryOpen_MemberTooMany_IsMalformed(string member)
    {
        var node = JsonNode.Parse(await _samples.SealAsync([_samples.Iran.Public]))!;
        node[member] = new JsonObject();
        Assert.Equal(SealingFault.Malformed, Open(node));
    }

    [Fact]
    public async Task TryOpen_FlattenedForm_Opens()
    {
        var node = JsonNode.Parse(await _samples.SealAsync([_samples.Iran.Public]))!.AsObject();
        node["header"] = node["recipients"]![0]!["header"]!.DeepClone();
        node.Remove("recipients");
        Assert.Equal(SealingFault.None, Open(node));
    }

    [Fact]
    public async Task TryOpen_StatementForAnotherEnvelope_IsRefused()
    {
        // A sender whose envelope carries what was signed for another one: the padding and encryption are redone, the statement is not.
        var draft = new StatementDraft
        {
            Id = Samples.FirstId with { Sequence = 2 },
            Audience = ["iran"],
            ContentType = "text/plain",
            Body = new byte[3],
        };
        Assert.Equal(SealingFault.StatementForOtherEnvelope, await OpenStatementAsync(draft));
    }

    [Fact]
    public async Task TryOpen_StatementToAnotherAudience_IsRefused()
    {
        var draft = new StatementDraft
        {
            Id = Samples.FirstId,
            Audience = ["iran", "oman"],
            ContentType = "text/plain",
            Body = new byte[3],
        };
        Assert.Equal(SealingFault.StatementForOtherAudience, await OpenStatementAsync(draft));
    }

    [Fact]
    public async Task TryOpen_SignerNotOfTheSender_IsUnknownSigner()
    {
        var payload = Samples.Payload(await _samples.SealAsync([_samples.Iran.Public]));
        Assert.False(ContentOpener.TryOpen(payload, [_samples.Iran], [_sender with { KeyId = "us#2" }], out _, out var fault, out _));
        Assert.Equal(SealingFault.UnknownSigner, fault);
    }

    [Fact]
    public async Task TryOpen_SignedByAnotherKeyOfThatName_IsBadStatementSignature()
    {
        var payload = Samples.Payload(await _samples.SealAsync([_samples.Iran.Public]));
        using var other = new Samples();
        var impostor = other.SenderKey();
        using var key = impostor.Key;
        Assert.False(ContentOpener.TryOpen(payload, [_samples.Iran], [impostor], out _, out var fault, out _));
        Assert.Equal(SealingFault.BadStatementSignature, fault);
    }

    [Fact]
    public void TryOpen_BadPadding_IsRefused()
    {
        var padded = Padme.Pad(new byte[301]);
        padded[^1] = 1;
        var content = ContentSealer.Encrypt(padded, Samples.FirstId, [_samples.Iran.Public]);
        Assert.Equal(SealingFault.BadPadding, Open(Samples.Payload(content), _samples.Iran));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("e30.AA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void TryOpen_NotAStatement_IsBadStatement(string text)
    {
        var content = ContentSealer.Encrypt(Padme.Pad(Samples.Ascii(text)), Samples.FirstId, [_samples.Iran.Public]);
        Assert.Equal(SealingFault.BadStatement, Open(Samples.Payload(content), _samples.Iran));
    }

    [Fact]
    public async Task TryOpen_EveryByteOfTheContentChanged_NeverThrowsAndNeverOpens()
    {
        var content = await _samples.SealAsync([_samples.Iran.Public, _samples.Oman.Public]);
        var text = Samples.Text(content);
        var recipients = text.IndexOf("\"recipients\"", StringComparison.Ordinal)..text.IndexOf("\"aad\"", StringComparison.Ordinal);
        for (var i = 0; i < content.Length; i++)
        {
            var changed = (byte[])content.Clone();
            changed[i] ^= 0x01;
            if (!TryPayload(changed, out var payload)) continue;
            var fault = Open(payload, _samples.Iran);
            // The other recipient's kid and key are outside the tag: changing them denies him, it forges nothing.
            if (fault == SealingFault.None) Assert.InRange(i, recipients.Start.Value, recipients.End.Value);
        }
    }

    [Fact]
    public async Task SealAsync_RecipientOnAnotherCurve_Throws()
    {
        using var key = PrivateJwk.Generate(JwkKind.P384, "iran/x");
        await Assert.ThrowsAsync<ArgumentException>(() => _samples.SealAsync([key.Public]));
    }

    [Fact]
    public async Task SealAsync_FewerKeysThanAddressees_Throws() =>
        await Assert.ThrowsAsync<ArgumentException>(() => _samples.SealAsync([_samples.Iran.Public], audience: ["iran", "oman"]));

    private static string Header(EnvelopePayload payload) =>
        Samples.Text(StrictBase64Url.Decode((string)JsonNode.Parse(payload.Content.Span)!["protected"]!));

    private static bool TryPayload(byte[] content, out EnvelopePayload payload)
    {
        var text = Samples.Utf8("""{"jti":"doha-2026/us/normal/1","aud":["iran","oman"],"iat":1795348800,"exp":1795352400,"content":""");
        var parsed = EnvelopePayload.TryParse((byte[])[.. text, .. content, (byte)'}'], out var result, out _, out _);
        payload = result!;
        return parsed;
    }

    private async Task<SealingFault> OpenStatementAsync(StatementDraft draft)
    {
        using var signer = new Relay.Protocol.Signatures.LocalSigner(_samples.Identity);
        var text = await StatementJws.SignAsync(draft, signer, TestContext.Current.CancellationToken);
        var content = ContentSealer.Encrypt(Padme.Pad(text), Samples.FirstId, [_samples.Iran.Public]);
        return Open(Samples.Payload(content), _samples.Iran);
    }

    private async Task AssertFaultAsync(SealingFault expected, EnvelopeId id) =>
        Assert.Equal(expected, Open(Samples.Payload(await _samples.SealAsync([_samples.Iran.Public]), id), _samples.Iran));

    private SealingFault Open(JsonNode content) => Open(Samples.Payload(Samples.Utf8(content.ToJsonString())), _samples.Iran);

    private SealingFault Open(EnvelopePayload payload, PrivateJwk key)
    {
        var opened = ContentOpener.TryOpen(payload, [key], [_sender], out _, out var fault, out var detail);
        Assert.Equal(opened, fault == SealingFault.None);
        Assert.Equal(opened, detail.Length == 0);
        return fault;
    }
}
