using System.Globalization;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Envelopes;

/// <summary>One row or more for every fault: what the parser says about input that breaks one rule.</summary>
public sealed class EnvelopeFaultTests
{
    private static readonly string ContentHash = Digest.Of(Samples.Draft().Content.Span).ToString();

    private static readonly string Good =
        $$"""{"jti":"doha-2026/us/normal/1","aud":["iran"],"iat":1795348800,"exp":1795352400,"content":"{{ContentHash}}"}""";

    private static readonly string Kid = Samples.KeyId("qatar");

    public static TheoryData<string, string, string> Wires()
    {
        var deep = new string('[', 14);
        return new TheoryData<string, string, string>
        {
            { "NotJson", "", "the end" },
            { "NotJson", "not json", "a value" },
            { "NotJson", """{"x":tru}""", "a value" },
            { "NotJson", "\uFEFF{}", "a byte order mark (ef bb bf) at byte 0" },
            { "NotJson", "{} {}", "the end" },
            { "NotJson", Samples.Wire(Good) + "x", "the end" },
            { "NotJson", """{"payload":"\ud800"}""", "surrogate" },
            { "NotJson", """{"p\u0061yload":""}""", "without escapes" },
            { "NotJson", """{"a":01}""", "','" },
            { "NotJson", """{"a":1,}""", "a member name" },
            { "NotJson", "{\"a\":\"\u0001\"}", "control character" },
            { "BadMember", "[]", "a JSON object" },
            { "BadMember", """{"payload":5,"signatures":[]}""", "a string" },
            { "BadMember", """{"payload":"","signatures":{}}""", "an array" },
            { "BadMember", """{"payload":"","content":{}}""", "'content' to be a string" },
            { "BadMember", """{"payload":"","signatures":["x"]}""", "an array of objects" },
            { "BadMember", Samples.Wire(Good, extra: ",\"protected\":\"\""), "flattened" },
            { "MissingMember", Samples.Wire(Good).Replace("payload", "pay", StringComparison.Ordinal), "payload" },
            { "MissingMember", """{"payload":"e30"}""", "signatures" },
            { "MissingMember", Samples.Wire(Good).Replace("\"content\"", "\"contents\"", StringComparison.Ordinal), "content" },
            { "MissingMember", """{"payload":"e30","signatures":[{"signature":"AA"}]}""", "protected" },
            { "SignatureCount", """{"payload":"e30","signatures":[]}""", "at least one" },
            { "DuplicateMember", Samples.Wire(Good, extra: ",\"payload\":\"e30\""), "payload" },
            { "DuplicateMember", Samples.Wire(Good, extra: ",\"x\":[{\"a\":1,\"a\":2}]"), "'a'" },
            { "TooComplex", Samples.Wire(Good, extra: $",\"x\":{deep}[[[1]]]{deep.Replace('[', ']')}"), "16 levels" },
            { "TooComplex", "{" + string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"m{i}\":1")) + "}", "64 members" },
            { "BadBase64Url", Samples.Wire(Good).Replace("\"payload\":\"", "\"payload\":\"=", StringComparison.Ordinal), "'payload'" },
            {
                "BadBase64Url",
                Samples.Wire(Good).Replace("\"payload\":\"ey", "\"payload\":\"\\u0065y", StringComparison.Ordinal),
                "escapes"
            },
            {
                "BadBase64Url",
                Samples.Wire(Good).Replace("\"protected\":\"", "\"protected\":\" ", StringComparison.Ordinal),
                "'protected'"
            },
            { "BadBase64Url", Samples.Wire(Good).Replace("\"content\":\"", "\"content\":\"=", StringComparison.Ordinal), "'content'" },
            { "DuplicateMember", Samples.Wire(Good, extra: ",\"content\":\"e30\""), "content" },
            { "ForbiddenHeader", Samples.Wire(Good, signatureExtra: ",\"header\":{}"), "unprotected" },
            { "WrongContent", Samples.Wire(Good, content: "{\"ciphertext\":\"AAAB\"}"), "names by its hash" },
            { "WrongContent", Samples.Wire(Good, content: ""), "names by its hash" },
            {
                "OversizeHead",
                Samples.Wire(Good + new string(' ', EnvelopeLimits.MaxHeadBytes + 1 - Good.Length)),
                "8192 bytes as 'payload'"
            },
        };
    }

    public static TheoryData<string, string, string> Headers() => new()
    {
        { "BadHeader", "[]", "a JSON object" },
        { "BadHeader", "{", "member name" },
        { "BadHeader", """{"pad":" """ + new string('x', 2048) + "\"}", "2048" },
        { "DuplicateMember", $$"""{"alg":"ES256","alg":"ES256","kid":"{{Kid}}","typ":"relay-envelope"}""", "'alg'" },
        { "MissingMember", $$"""{"kid":"{{Kid}}","typ":"relay-envelope"}""", "'alg'" },
        { "MissingMember", """{"alg":"ES256","typ":"relay-envelope"}""", "'kid'" },
        { "MissingMember", $$"""{"alg":"ES256","kid":"{{Kid}}"}""", "'typ'" },
        { "UnsupportedAlgorithm", $$"""{"alg":"none","kid":"{{Kid}}","typ":"relay-envelope"}""", "'none'" },
        { "UnsupportedAlgorithm", $$"""{"alg":"HS256","kid":"{{Kid}}","typ":"relay-envelope"}""", "'HS256'" },
        { "UnsupportedAlgorithm", $$"""{"alg":"RS256","kid":"{{Kid}}","typ":"relay-envelope"}""", "'RS256'" },
        { "UnsupportedAlgorithm", $$"""{"alg":"es256","kid":"{{Kid}}","typ":"relay-envelope"}""", "'es256'" },
        { "UnsupportedAlgorithm", $$"""{"alg":5,"kid":"{{Kid}}","typ":"relay-envelope"}""", "ES256" },
        { "WrongType", $$"""{"alg":"ES256","kid":"{{Kid}}","typ":"JWT"}""", "'JWT'" },
        { "WrongType", $$"""{"alg":"ES256","kid":"{{Kid}}","typ":"Relay-Envelope"}""", "relay-envelope" },
        { "BadKeyId", """{"alg":"ES256","kid":"qatar","typ":"relay-envelope"}""", "https://" },
        { "BadKeyId", """{"alg":"ES256","kid":"https://kv.vault.azure.net/keys/mediator-qatar","typ":"relay-envelope"}""", "version" },
        {
            "BadKeyId",
            $$"""{"alg":"ES256","kid":"{{Kid.Replace("https", "http", StringComparison.Ordinal)}}","typ":"relay-envelope"}""",
            "https://"
        },
        { "ForbiddenHeader", $$"""{"alg":"ES256","kid":"{{Kid}}","typ":"relay-envelope","crit":["exp"]}""", "crit" },
        { "ForbiddenHeader", $$"""{"alg":"ES256","kid":"{{Kid}}","typ":"relay-envelope","jwk":5}""", "jwk" },
        { "ForbiddenHeader", $$"""{"alg":"ES256","kid":"{{Kid}}","typ":"relay-envelope","jku":"https://x"}""", "jku" },
        { "ForbiddenHeader", $$"""{"alg":"ES256","kid":"{{Kid}}","typ":"relay-envelope","x5u":"https://x"}""", "x5u" },
        { "ForbiddenHeader", $$"""{"alg":"ES256","kid":"{{Kid}}","typ":"relay-envelope","x5c":[]}""", "x5c" },
        { "ForbiddenHeader", $$"""{"alg":"ES256","kid":"{{Kid}}","typ":"relay-envelope","b64":false}""", "b64" },
        { "UnknownMember", $$"""{"alg":"ES256","kid":"{{Kid}}","typ":"relay-envelope","x":1}""", "'x'" },
    };

    public static TheoryData<string, string, string> Heads() => new()
    {
        { "NotJson", "{", "head" },
        { "BadMember", "[]", "a JSON object" },
        { "DuplicateMember", Good.Replace("\"iat\"", "\"seen\":{\"size\":1,\"size\":1},\"iat\"", StringComparison.Ordinal), "'size'" },
        { "UnknownMember", Good.Replace("\"content\"", "\"sub\":1,\"content\"", StringComparison.Ordinal), "'sub'" },
        { "MissingMember", Good.Replace("\"jti\":\"doha-2026/us/normal/1\",", "", StringComparison.Ordinal), "'jti'" },
        { "MissingMember", Good.Replace($",\"content\":\"{ContentHash}\"", "", StringComparison.Ordinal), "'content'" },
        { "MissingMember", Good.Replace("\"iat\":1795348800,", "", StringComparison.Ordinal), "'iat'" },
        { "MissingMember", Good.Replace("\"exp\":1795352400,", "", StringComparison.Ordinal), "'exp'" },
        { "MissingMember", Good.Replace("\"aud\":[\"iran\"],", "", StringComparison.Ordinal), "'aud'" },
        { "BadMember", Good.Replace($"\"{ContentHash}\"", "{}", StringComparison.Ordinal), "'content'" },
        { "BadMember", Good.Replace(ContentHash, ContentHash[..^1], StringComparison.Ordinal), "'content'" },
        { "BadMember", Good.Replace(ContentHash, ContentHash + "A", StringComparison.Ordinal), "'content'" },
        { "BadId", Good.Replace("normal/1", "normal/0", StringComparison.Ordinal), "normal/0" },
        { "BadId", Good.Replace("normal/1", "normal/01", StringComparison.Ordinal), "normal/01" },
        { "BadId", Good.Replace("normal/1", "slow/1", StringComparison.Ordinal), "slow/1" },
        { "BadId", Good.Replace("normal/1", "normal/9007199254740992", StringComparison.Ordinal), "jti" },
        { "BadId", Good.Replace("\"doha-2026/us/normal/1\"", "1", StringComparison.Ordinal), "jti" },
        { "BadAudience", Good.Replace("[\"iran\"]", "[]", StringComparison.Ordinal), "at least one" },
        { "BadAudience", Good.Replace("[\"iran\"]", "[\"iran\",\"iran\"]", StringComparison.Ordinal), "distinct" },
        { "BadAudience", Good.Replace("[\"iran\"]", "[\"us\"]", StringComparison.Ordinal), "sender" },
        { "BadAudience", Good.Replace("[\"iran\"]", "[\"Iran\"]", StringComparison.Ordinal), "'Iran'" },
        {
            "BadAudience",
            Good.Replace("[\"iran\"]", $"[{string.Join(',', Enumerable.Range(0, 65).Select(i => $"\"d{i}\""))}]", StringComparison.Ordinal),
            "64"
        },
        { "BadMember", Good.Replace("[\"iran\"]", "\"iran\"", StringComparison.Ordinal), "'aud'" },
        { "BadPrevious", Good.Replace("\"iat\"", $"\"prev\":\"{Digest.Of([1])}\",\"iat\"", StringComparison.Ordinal), "sequence 1" },
        { "BadPrevious", Good.Replace("normal/1", "normal/2", StringComparison.Ordinal), "sequence 2" },
        {
            "BadPrevious",
            Good.Replace("normal/1", "normal/2", StringComparison.Ordinal)
                .Replace("\"iat\"", "\"prev\":\"AAAA\",\"iat\"", StringComparison.Ordinal),
            "digest"
        },
        { "BadTimes", Good.Replace("1795352400", "1795348800", StringComparison.Ordinal), "after 'iat'" },
        { "BadTimes", Good.Replace("1795352400", "1797940801", StringComparison.Ordinal), "30 days" },
        { "BadTimes", Good.Replace("1795352400", "1795352400.0", StringComparison.Ordinal), "'exp'" },
        { "BadTimes", Good.Replace("1795352400", "\"1795352400\"", StringComparison.Ordinal), "'exp'" },
        { "BadTimes", Good.Replace("1795348800", "-1", StringComparison.Ordinal), "'iat'" },
        { "BadTimes", Good.Replace("1795352400", "9999999999999999", StringComparison.Ordinal), "'exp'" },
        { "BadTimes", Good.Replace("\"exp\"", "\"nbf\":1795352400,\"exp\"", StringComparison.Ordinal), "'nbf'" },
        { "BadMember", Good.Replace("\"exp\"", "\"seen\":{\"size\":-1,\"root\":\"\"},\"exp\"", StringComparison.Ordinal), "seen.size" },
        { "BadMember", Good.Replace("\"exp\"", "\"seen\":{\"size\":1,\"root\":\"AA\"},\"exp\"", StringComparison.Ordinal), "seen.root" },
        { "MissingMember", Good.Replace("\"exp\"", "\"seen\":{\"size\":1},\"exp\"", StringComparison.Ordinal), "seen.root" },
        { "UnknownMember", Good.Replace("\"exp\"", "\"seen\":{\"x\":1},\"exp\"", StringComparison.Ordinal), "'x'" },
    };

    [Theory]
    [MemberData(nameof(Wires))]
    public void TryParse_BrokenWire_SaysWhich(string fault, string wire, string said) => AssertFault(fault, wire, said);

    [Theory]
    [MemberData(nameof(Headers))]
    public void TryParse_BrokenHeader_SaysWhich(string fault, string header, string said) =>
        AssertFault(fault, Samples.Wire(Good, header), said);

    [Theory]
    [MemberData(nameof(Heads))]
    public void TryParse_BrokenHead_SaysWhich(string fault, string head, string said) =>
        AssertFault(fault, Samples.Wire(head), said);

    [Fact]
    public void TryParse_UnknownMembersOfUnsignedWrapper_AreIgnored() =>
        Assert.True(
            Envelope.TryParse(
                Samples.Utf8(Samples.Wire(Good, extra: ",\"note\":{\"é\":[1]}", signatureExtra: ",\"x\":1")),
                EnvelopeLimits.Default,
                out _,
                out _,
                out _));

    [Fact]
    public void TryParse_EscapedSolidus_IsTheSameId() =>
        Assert.True(
            Envelope.TryParse(
                Samples.Utf8(Samples.Wire(Good.Replace("doha-2026/us", "doha-2026\\/us", StringComparison.Ordinal))),
                EnvelopeLimits.Default,
                out _,
                out _,
                out _));

    [Fact]
    public void TryParse_ThirtyThreeSignatures_IsRefused()
    {
        var one = Samples.Wire(Good);
        var signature = one[(one.IndexOf('[', StringComparison.Ordinal) + 1)..one.LastIndexOf(']')];
        var wire = one.Replace(signature, string.Join(',', Enumerable.Repeat(signature, 33)), StringComparison.Ordinal);
        AssertFault("SignatureCount", wire, "32");
        Assert.True(
            Envelope.TryParse(
                Samples.Utf8(one.Replace(signature, string.Join(',', Enumerable.Repeat(signature, 32)), StringComparison.Ordinal)),
                EnvelopeLimits.Default,
                out _,
                out _,
                out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AA=")]
    [InlineData("A")]
    [InlineData("AB")]
    [InlineData("AA AA")]
    [InlineData("AA+A")]
    public void TryParse_SignatureNotStrictBase64Url_IsRefused(string signature)
    {
        var wire = Samples.Wire(Good).Replace(StrictBase64Url.Encode(new byte[64]), signature, StringComparison.Ordinal);
        Assert.False(Envelope.TryParse(Samples.Utf8(wire), EnvelopeLimits.Default, out _, out var fault, out _));
        Assert.Contains(fault, new[] { EnvelopeFault.BadBase64Url, EnvelopeFault.BadMember });
    }

    [Fact]
    public void TryParse_HeadOfEightKibibytes_IsRead() =>
        Assert.True(
            Envelope.TryParse(
                Samples.Utf8(Samples.Wire(Good + new string(' ', EnvelopeLimits.MaxHeadBytes - Good.Length))),
                EnvelopeLimits.Default,
                out _,
                out _,
                out _));

    [Fact]
    public void TryParse_HeadAloneOneByteTooLong_IsOversizeHead()
    {
        var bytes = Samples.Utf8(Good + new string(' ', EnvelopeLimits.MaxHeadBytes + 1 - Good.Length));
        Assert.True(EnvelopeHead.TryParse(bytes.AsMemory(0, EnvelopeLimits.MaxHeadBytes), out _, out _, out var detail), detail);
        Assert.False(EnvelopeHead.TryParse(bytes, out _, out var fault, out detail));
        Assert.Equal(
            (EnvelopeFault.OversizeHead, "expected a head of at most 8192 bytes, got 8193"), (fault, detail));
    }

    [Fact]
    public void Rows_EveryFault_HasOne()
    {
        // Oversize and SignatureCount above 32 have tests of their own.
        string[] rows = [.. Wires().Concat(Headers()).Concat(Heads()).Select(r => r.Data.Item1), "Oversize", "None"];
        Assert.Empty(Enum.GetNames<EnvelopeFault>().Except(rows));
    }

    private static void AssertFault(string fault, string wire, string said)
    {
        Assert.False(
            Envelope.TryParse(Samples.Utf8(wire), EnvelopeLimits.Default, out var envelope, out var actual, out var detail),
            "it was accepted");
        Assert.Null(envelope);
        Assert.True(fault == actual.ToString(), string.Create(CultureInfo.InvariantCulture, $"expected {fault}, got {actual}: {detail}"));
        Assert.Contains(said, detail, StringComparison.Ordinal);
        Assert.Contains("expected", detail, StringComparison.Ordinal);
    }
}
