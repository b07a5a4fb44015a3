using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Ledger;

public sealed class AcknowledgementTests : IDisposable
{
    private const string Header = """{"alg":"ES256","kid":"iran#1","typ":"relay-acknowledgement"}""";

    private readonly PrivateJwk _iran = PrivateJwk.Generate(JwkKind.P256, "iran#1");
    private readonly PrivateJwk _other = PrivateJwk.Generate(JwkKind.P256, "iran#2");

    private static string Digest1 => Digest.Of([1]).ToString();

    private static string Opened => $$"""{"jti":"doha-2026/us/normal/1","digest":"{{Digest1}}","state":"opened","iat":1795348800}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _iran.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData(null, "opened")]
    [InlineData("not-opened", "refused (not-opened)")]
    public async Task SignAsync_OfADraft_IsReadBackAndVerifies(string? reason, string text)
    {
        var said = await SignAsync(reason);
        Assert.True(Acknowledgement.TryParse(said.Bytes.Span, out var read, out var fault, out var detail), detail);
        Assert.Equal(
            (Samples.FirstId, Digest.Of([1]), reason, Samples.Issued, "iran#1", "iran", text, AcknowledgementFault.None),
            (read.Id, read.Digest, read.Reason, read.IssuedAt, read.KeyId, read.Delegation, read.ToString(), fault));
        Assert.Equal(reason is null ? AcknowledgedState.Opened : AcknowledgedState.Refused, read.State);
        Assert.Equal(AcknowledgementFault.None, read.Verify(Document(), out detail));
        Assert.Empty(detail);
        var payload = Samples.Text(StrictBase64Url.Decode(Samples.Text(said.Bytes.Span).Split('.')[1])!);
        Assert.Equal(reason is null ? Opened : Refused("\"not-opened\""), payload);
    }

    [Fact]
    public async Task SignAsync_WithNamesOfFullLength_FitsWithRoomToSpare()
    {
        var name = new string('n', RelayName.MaxLength);
        using var key = PrivateJwk.Generate(JwkKind.P256, $"{name}#999999999");
        using var signer = new LocalSigner(key);
        var said = await Acknowledgement.SignAsync(
            new AcknowledgementDraft
            {
                Id = new EnvelopeId(name, name, Lane.Normal, EnvelopeId.MaxSequence),
                Digest = default,
                Reason = new string('r', Acknowledgement.MaxReasonLength),
                IssuedAt = DateTimeOffset.MaxValue,
            },
            signer,
            Cancel);
        Assert.InRange(said.Bytes.Length, 600, Acknowledgement.MaxBytes - 200);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Two words")]
    [InlineData("-begins")]
    [InlineData("ends-")]
    [InlineData("two--hyphens")]
    [InlineData("rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr")]
    public async Task SignAsync_WithAReasonThatIsNoCode_Throws(string reason) =>
        await Assert.ThrowsAsync<ArgumentException>(() => SignAsync(reason));

    public static TheoryData<string, string, AcknowledgementFault> Malformed => new()
    {
        { "alg", """{"alg":"ES384","kid":"iran#1","typ":"relay-acknowledgement"}""", AcknowledgementFault.BadHeader },
        { "none", """{"alg":"none","kid":"iran#1","typ":"relay-acknowledgement"}""", AcknowledgementFault.BadHeader },
        { "typ", """{"alg":"ES256","kid":"iran#1","typ":"relay-statement"}""", AcknowledgementFault.BadHeader },
        { "crit", """{"alg":"ES256","kid":"iran#1","typ":"relay-acknowledgement","crit":["b64"]}""", AcknowledgementFault.BadHeader },
        { "kid of a session", """{"alg":"ES256","kid":"iran#enc-1","typ":"relay-acknowledgement"}""", AcknowledgementFault.BadHeader },
        { "kid zero", """{"alg":"ES256","kid":"iran#0","typ":"relay-acknowledgement"}""", AcknowledgementFault.BadHeader },
        { "kid bare", """{"alg":"ES256","kid":"iran","typ":"relay-acknowledgement"}""", AcknowledgementFault.BadHeader },
        { "header twice", Header[..^1] + ",\"alg\":\"ES256\"}", AcknowledgementFault.BadHeader },
        { "not json", "opened", AcknowledgementFault.NotJson },
        { "array", "[]", AcknowledgementFault.NotJson },
        { "twice", Opened[..^1] + ",\"state\":\"opened\"}", AcknowledgementFault.NotJson },
        { "trailing", Opened + " ", AcknowledgementFault.None },
        { "unknown", Opened[..^1] + ",\"note\":\"\"}", AcknowledgementFault.UnknownMember },
        { "nested", Opened[..^1] + ",\"note\":{\"state\":\"opened\"}}", AcknowledgementFault.UnknownMember },
        { "no jti", Without("jti"), AcknowledgementFault.MissingMember },
        { "no digest", Without("digest"), AcknowledgementFault.MissingMember },
        { "no state", Without("state"), AcknowledgementFault.MissingMember },
        { "no iat", Without("iat"), AcknowledgementFault.MissingMember },
        { "jti", Opened.Replace("/normal/1", "/normal/01", StringComparison.Ordinal), AcknowledgementFault.BadId },
        { "jti number", Opened.Replace("\"doha-2026/us/normal/1\"", "1", StringComparison.Ordinal), AcknowledgementFault.BadId },
        { "digest", Opened.Replace(Digest1, Digest1[..^1], StringComparison.Ordinal), AcknowledgementFault.BadDigest },
        { "state", Opened.Replace("opened", "read", StringComparison.Ordinal), AcknowledgementFault.BadState },
        { "state null", Opened.Replace("\"opened\"", "null", StringComparison.Ordinal), AcknowledgementFault.BadState },
        { "reason with opened", Opened[..^1] + ",\"reason\":\"why\"}", AcknowledgementFault.BadReason },
        { "no reason with refused", Opened.Replace("opened", "refused", StringComparison.Ordinal), AcknowledgementFault.BadReason },
        { "reason is text", Refused("\"it is wrong\""), AcknowledgementFault.BadReason },
        { "reason is null", Refused("null"), AcknowledgementFault.BadReason },
        { "reason", Refused("\"why-9\""), AcknowledgementFault.None },
        { "iat text", Opened.Replace("1795348800", "\"1795348800\"", StringComparison.Ordinal), AcknowledgementFault.BadTime },
        { "iat fraction", Opened.Replace("1795348800", "1795348800.5", StringComparison.Ordinal), AcknowledgementFault.BadTime },
        { "iat negative", Opened.Replace("1795348800", "-1", StringComparison.Ordinal), AcknowledgementFault.BadTime },
        { "iat last", Opened.Replace("1795348800", "253402300799", StringComparison.Ordinal), AcknowledgementFault.None },
        { "iat too far", Opened.Replace("1795348800", "253402300800", StringComparison.Ordinal), AcknowledgementFault.BadTime },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void TryParse_Row_HasItsFault(string row, string part, AcknowledgementFault expected)
    {
        var isHeader = part.Contains("\"alg\"", StringComparison.Ordinal);
        var text = Compact(isHeader ? part : Header, isHeader ? Opened : part);
        var isRead = Acknowledgement.TryParse(Samples.Ascii(text), out _, out var fault, out var detail);
        Assert.Equal(expected == AcknowledgementFault.None, isRead);
        Assert.True(expected == fault, $"{row}: {fault}");
        Assert.Equal(expected == AcknowledgementFault.None, detail.Length == 0);
    }

    [Fact]
    public void TryParse_OfTheText_HasItsFault()
    {
        var whole = Compact(Header, Opened);
        AssertFault(AcknowledgementFault.Oversize, new string('a', Acknowledgement.MaxBytes + 1));
        AssertFault(AcknowledgementFault.Malformed, new string('a', Acknowledgement.MaxBytes));
        AssertFault(AcknowledgementFault.Malformed, "");
        AssertFault(AcknowledgementFault.Malformed, whole[..^1]);
        AssertFault(AcknowledgementFault.Malformed, whole + "=");
        AssertFault(AcknowledgementFault.Malformed, whole + "\n");
        AssertFault(AcknowledgementFault.Malformed, whole.Replace('.', ','));
        AssertFault(AcknowledgementFault.Malformed, whole[..whole.LastIndexOf('.')] + ".AAAA");
        AssertFault(AcknowledgementFault.Malformed, whole + "." + whole);
    }

    [Fact]
    public async Task Verify_AgainstADocument_HasItsFault()
    {
        var said = await SignAsync(null);
        Assert.Equal(AcknowledgementFault.OtherNegotiation, said.Verify(Document(negotiation: "oslo-2026"), out _));
        Assert.Equal(AcknowledgementFault.UnknownKey, said.Verify(Document(key: _other), out _));
        Assert.Equal(AcknowledgementFault.UnknownKey, said.Verify(Document(delegation: "china"), out _));
        using var same = PrivateJwk.Generate(JwkKind.P256, "iran#1");
        Assert.Equal(AcknowledgementFault.BadSignature, said.Verify(Document(key: same), out var detail));
        Assert.Equal("expected a signature by iran#1, got one that does not verify", detail);
    }

    [Fact]
    public async Task Verify_WithAnyBitOfIt_NeverHolds()
    {
        var bytes = (await SignAsync("not-opened")).Bytes.ToArray();
        var document = Document();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Acknowledgement.TryParse(bytes, out var read, out _, out _))
            {
                Assert.True(read.Verify(document, out _) != AcknowledgementFault.None, $"bit {bit}");
            }
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public async Task CheckEnvelope_OfTheEnvelopeAtHand_HasItsFault()
    {
        using var signer = new LocalSigner(_iran);
        var head = SealedEnvelope.Create(Samples.Draft()).Head;
        var said = await Acknowledgement.SignAsync(
            new AcknowledgementDraft { Id = head.Id, Digest = head.Digest, Reason = null, IssuedAt = Samples.Issued }, signer, Cancel);
        Assert.Equal(AcknowledgementFault.None, said.CheckEnvelope(head, out _));
        Assert.Equal(AcknowledgementFault.OtherEnvelope, said.CheckEnvelope(SealedEnvelope.Create(Samples.Draft(2)).Head, out _));
        var other = SealedEnvelope.Create(Samples.Draft() with { IssuedAt = Samples.Issued.AddSeconds(1) }).Head;
        Assert.Equal(AcknowledgementFault.OtherContent, said.CheckEnvelope(other, out _));
        var toChina = SealedEnvelope.Create(Samples.Draft() with { Audience = ["china"] }).Head;
        var ofChina = await Acknowledgement.SignAsync(
            new AcknowledgementDraft { Id = head.Id, Digest = toChina.Digest, Reason = null, IssuedAt = Samples.Issued }, signer, Cancel);
        Assert.Equal(AcknowledgementFault.NotAddressed, ofChina.CheckEnvelope(toChina, out _));
    }

    [Fact]
    public void Code_OfEveryFault_IsItsOwn()
    {
        var faults = Enum.GetValues<AcknowledgementFault>();
        Assert.Equal(faults.Length, faults.Select(fault => fault.Code()).Distinct().Count());
    }

    private async Task<Acknowledgement> SignAsync(string? reason)
    {
        using var signer = new LocalSigner(_iran);
        return await Acknowledgement.SignAsync(
            new AcknowledgementDraft
            {
                Id = Samples.FirstId,
                Digest = Digest.Of([1]),
                Reason = reason,
                IssuedAt = Samples.Issued.AddMilliseconds(7),
            },
            signer,
            Cancel);
    }

    private NegotiationDocument Document(PrivateJwk? key = null, string negotiation = "doha-2026", string delegation = "iran")
    {
        var jwk = Samples.Text((key ?? _iran).Public.ToJson()).Replace("iran#", delegation + "#", StringComparison.Ordinal);
        var json = $$"""
            { "negotiation": "{{negotiation}}", "version": 1, "quorum": 1,
              "delegations": { "us": { "topic": "delegation-us" },
                               "{{delegation}}": { "topic": "delegation-{{delegation}}", "identityKeys": [{{jwk}}] } },
              "mediators": { "qatar": { "key": "https://kv.vault.azure.net/keys/mediator-qatar", "weight": 1 } } }
            """;
        Assert.True(NegotiationDocument.TryParse(Samples.Utf8(json), out var document, out var errors), string.Join("; ", errors));
        return document;
    }

    private static string Refused(string reason) =>
        Opened.Replace("\"opened\"", $"\"refused\",\"reason\":{reason}", StringComparison.Ordinal);

    private static string Without(string name)
    {
        var payload = JsonNode.Parse(Opened)!.AsObject();
        Assert.True(payload.Remove(name));
        return payload.ToJsonString();
    }

    private static string Compact(string header, string payload) =>
        string.Join('.', new[] { Samples.Utf8(header), Samples.Utf8(payload), new byte[64] }.Select(part => StrictBase64Url.Encode(part)));

    private static void AssertFault(AcknowledgementFault expected, string text)
    {
        Assert.False(Acknowledgement.TryParse(Samples.Utf8(text), out _, out var fault, out var detail));
        Assert.Equal(expected, fault);
        Assert.NotEmpty(detail);
    }
}
