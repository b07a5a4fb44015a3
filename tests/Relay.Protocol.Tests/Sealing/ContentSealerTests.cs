using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Sealing;

public sealed class ContentSealerTests : IDisposable
{
    private static readonly byte[] Opening = new byte[Commitment.OpeningSize];

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
        var envelope = Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public], "we accept"));

        Assert.Contains("\"alg\":\"ECDH-ES\"", Header(envelope), StringComparison.Ordinal);
        Assert.True(
            ContentOpener.TryOpen(envelope, [_samples.Oman, _samples.Iran], [_sender], out var statement, out _, out var detail), detail);
        Assert.Equal("we accept", Samples.Text(statement.Body));
        Assert.Equal("text/plain", statement.ContentType);
        Assert.Equal("us#1", statement.SignerKeyId);
        Assert.Equal(envelope.Id, statement.Id);
    }

    [Fact]
    public async Task TryOpen_TwoAddressees_EachOpens()
    {
        var envelope = Samples.Sealed(
            await _samples.SealAsync([_samples.Iran.Public, _samples.Oman.Public], "to both"), audience: ["iran", "oman"]);

        Assert.Contains("\"alg\":\"ECDH-ES+A256KW\"", Header(envelope), StringComparison.Ordinal);
        foreach (var key in new[] { _samples.Iran, _samples.Oman })
        {
            Assert.True(ContentOpener.TryOpen(envelope, [key], [_sender], out var statement, out _, out var detail), detail);
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
        var envelope = Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public], body));
        Assert.True(ContentOpener.TryOpen(envelope, [_samples.Iran], [_sender], out var statement, out _, out var detail), detail);
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
        var envelope = Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public]));
        Assert.Equal(SealingFault.NoMatchingKey, Open(envelope, _samples.Oman));
    }

    [Fact]
    public async Task TryOpen_OtherKeyUnderTheSameId_DoesNotDecrypt()
    {
        using var impostor = PrivateJwk.Generate(JwkKind.P256, _samples.Iran.KeyId);
        var one = Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public]));
        var two = Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public, _samples.Oman.Public]), audience: ["iran", "oman"]);
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
    [InlineData("\"com\"", "\"cox\"", SealingFault.Malformed)]
    [InlineData("\"com\":\"", "\"com\":\"A", SealingFault.Malformed)]
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
        var envelope = Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public]));
        Assert.False(ContentOpener.TryOpen(envelope, [_samples.Iran], [_sender with { KeyId = "us#2" }], out _, out var fault, out _));
        Assert.Equal(SealingFault.UnknownSigner, fault);
    }

    [Fact]
    public async Task TryOpen_SignedByAnotherKeyOfThatName_IsBadStatementSignature()
    {
        var envelope = Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public]));
        using var other = new Samples();
        var impostor = other.SenderKey();
        using var key = impostor.Key;
        Assert.False(ContentOpener.TryOpen(envelope, [_samples.Iran], [impostor], out _, out var fault, out _));
        Assert.Equal(SealingFault.BadStatementSignature, fault);
    }

    [Fact]
    public void TryOpen_BadPadding_IsRefused()
    {
        var padded = Plaintext.Write(Opening, new byte[300], new byte[101]);
        padded[^1] = 1;
        Assert.Equal(SealingFault.BadPadding, OpenPlaintext(padded, default));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(39)]
    public void TryOpen_TooShortForItsParts_IsBadPadding(int length) =>
        Assert.Equal(SealingFault.BadPadding, OpenPlaintext(new byte[length], default));

    [Theory]
    [InlineData(32)]
    [InlineData(36)]
    public void TryOpen_LengthBeyondTheEnd_IsBadPadding(int at)
    {
        var padded = Plaintext.Write(Opening, [], []);
        padded[at] = 0xff;
        Assert.Equal(SealingFault.BadPadding, OpenPlaintext(padded, default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("e30.AA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("e30..AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void TryOpen_NotAStatement_IsBadStatement(string text)
    {
        var jws = Samples.Ascii(text);
        var padded = Plaintext.Write(Opening, jws, []);
        Assert.Equal(SealingFault.BadStatement, OpenPlaintext(padded, Commitment.Of(Samples.FirstId, Opening, jws, [])));
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
            var fault = Open(Samples.Sealed(changed, audience: ["iran", "oman"]), _samples.Iran);
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

    private static string Header(SealedEnvelope envelope) =>
        Samples.Text(StrictBase64Url.Decode((string)JsonNode.Parse(envelope.Content.Span)!["protected"]!));

    private async Task<SealingFault> OpenStatementAsync(StatementDraft draft)
    {
        using var signer = new Relay.Protocol.Signatures.LocalSigner(_samples.Identity);
        var jws = await StatementJws.SignAsync(draft, signer, TestContext.Current.CancellationToken);
        var padded = Plaintext.Write(Opening, jws, draft.Body.Span);
        return OpenPlaintext(padded, Commitment.Of(Samples.FirstId, Opening, jws, draft.Body.Span));
    }

    private SealingFault OpenPlaintext(byte[] padded, Digest commitment) => Open(
        Samples.Sealed(ContentSealer.Encrypt(padded, Samples.FirstId, commitment, [_samples.Iran.Public])), _samples.Iran);

    private async Task AssertFaultAsync(SealingFault expected, EnvelopeId id) =>
        Assert.Equal(expected, Open(Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public]), id), _samples.Iran));

    private SealingFault Open(JsonNode content) => Open(Samples.Sealed(Samples.Utf8(content.ToJsonString())), _samples.Iran);

    private SealingFault Open(SealedEnvelope envelope, PrivateJwk key)
    {
        var opened = ContentOpener.TryOpen(envelope, [key], [_sender], out _, out var fault, out var detail);
        Assert.Equal(opened, fault == SealingFault.None);
        Assert.Equal(opened, detail.Length == 0);
        return fault;
    }
}
