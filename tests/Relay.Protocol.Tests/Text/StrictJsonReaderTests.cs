using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Text;

public sealed class StrictJsonReaderTests
{
    public static TheoryData<string, byte[], string> ForeignTexts => new()
    {
        { "BOM", [0xef, 0xbb, 0xbf, .. "{}"u8], "got a byte order mark (ef bb bf) at byte 0" },
        {
            "UTF-16, little-endian",
            [0xff, 0xfe, .. System.Text.Encoding.Unicode.GetBytes("{}")],
            "got UTF-16 (byte order mark ff fe at byte 0)"
        },
        {
            "UTF-16, big-endian",
            [0xfe, 0xff, .. System.Text.Encoding.BigEndianUnicode.GetBytes("{}")],
            "got UTF-16 (byte order mark fe ff at byte 0)"
        },
        { "UTF-16LE without BOM", System.Text.Encoding.Unicode.GetBytes("{}"), "got UTF-16 (byte 0x00 at byte 1)" },
        { "UTF-16BE without BOM", System.Text.Encoding.BigEndianUnicode.GetBytes("{}"), "got UTF-16 (byte 0x00 at byte 0)" },
        { "gzip", [0x1f, 0x8b, 8, 0], "got gzip (1f 8b at byte 0)" },
        { "zstd", [0x28, 0xb5, 0x2f, 0xfd], "got zstd (28 b5 2f fd at byte 0)" },
        { "zip", [0x50, 0x4b, 3, 4], "got a zip file (50 4b 03 04 at byte 0)" },
        { "multipart", [.. "--x\r\n"u8], "got a multipart body ('--' at byte 0)" },
        { "bad UTF-8", [.. "{\"x\":\"\u00e9"u8, 0xc3, (byte)'"', (byte)'}'], "expected UTF-8 at byte 8, got byte 0xc3" },
        { "overlong", [.. "{\"x\":\""u8, 0xc0, 0x80, (byte)'"', (byte)'}'], "expected UTF-8 at byte 6, got byte 0xc0" },
        { "surrogate", [.. "{\"x\":\""u8, 0xed, 0xa0, 0x80, (byte)'"', (byte)'}'], "expected UTF-8 at byte 6, got byte 0xed" },
        { "cut short", [.. "{\"x\":\"abc"u8, 0xe2, 0x82], "expected UTF-8 at byte 9, got byte 0xe2" },
        { "Latin-1", [.. "{\"x\":\"caf"u8, 0xe9, (byte)'"', (byte)'}'], "expected UTF-8 at byte 9, got byte 0xe9" },
    };

    [Theory]
    [MemberData(nameof(ForeignTexts))]
    public void Read_ForeignText_IsNamedWithItsPosition(string what, byte[] bytes, string expected)
    {
        Assert.NotEmpty(what);
        var reader = new StrictJsonReader(bytes, new (int, int)[4]);
        while (reader.Read() && reader.Token != JsonToken.End)
        {
        }

        Assert.Equal(JsonFault.Syntax, reader.Fault);
        Assert.Contains(expected, reader.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":[1,-0.5e+3,true,false,null,"x\n\"\\\/\u00e9\ud83d\ude00",{}],"b":{"a":[]}}""")]
    [InlineData(" [ ] ")]
    [InlineData("0")]
    [InlineData("\"\"")]
    public void Read_ValidJson_ReachesTheEnd(string json) => Assert.Equal(JsonFault.None, Walk(Samples.Utf8(json)));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1,]")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"a\":}")]
    [InlineData("{a:1}")]
    [InlineData("[01]")]
    [InlineData("[1.]")]
    [InlineData("[.5]")]
    [InlineData("[+1]")]
    [InlineData("[1e]")]
    [InlineData("[NaN]")]
    [InlineData("[\"\\x\"]")]
    [InlineData("[\"\\u12g4\"]")]
    [InlineData("[\"\\ud800\"]")]
    [InlineData("[\"\\udc00\"]")]
    [InlineData("[\"\\ud800\\u0041\"]")]
    [InlineData("['a']")]
    [InlineData("[1]/**/")]
    [InlineData("[1] [2]")]
    [InlineData("nul")]
    [InlineData("[1}")]
    public void Read_InvalidJson_IsSyntax(string json) => Assert.Equal(JsonFault.Syntax, Walk(Samples.Utf8(json)));

    [Fact]
    public void Read_InvalidUtf8_IsSyntax() => Assert.Equal(JsonFault.Syntax, Walk([(byte)'"', 0xc3, 0x28, (byte)'"']));

    [Fact]
    public void Read_SameNameInSiblings_IsNoDuplicate() => Assert.Equal(JsonFault.None, Walk("""[{"a":{"a":1}},{"a":2}]"""u8.ToArray()));

    // Where the platform's parser and ours both judge, they judge alike; ours refuses repeated and escaped names besides.
    [Fact]
    public void Read_SeededRandomJson_AgreesWithThePlatform()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        var accepted = 0;
        for (var i = 0; i < 6_000; i++)
        {
            var json = RandomJson(random);
            var ours = Walk(json) == JsonFault.None;
            var theirs = PlatformAccepts(json, out var refused);
            Assert.True(ours == (theirs && !refused), $"seed {seed}, round {i}: {Samples.Text(json)}");
            if (ours) accepted++;
        }
        Assert.True(accepted > 100, $"only {accepted} were valid, seed {seed}");
    }

    private static byte[] RandomJson(Random random)
    {
        string[] pieces =
        [
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "1", "-2.5", "true", "null", " ", "\"\\n\"", "\"a\":1", "\"b\":[]",
            "{\"a\":1,\"b\":2}", "[1,2]", "\"c\":{\"a\":null}",
        ];
        var text = string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => pieces[random.Next(pieces.Length)]));
        return Samples.Utf8(random.Next(2) == 0 ? $"{{{text}}}" : $"[{text}]");
    }

    private static bool PlatformAccepts(byte[] json, out bool refused)
    {
        refused = false;
        try
        {
            using var document = JsonDocument.Parse(json);
            refused = HasWhatWeRefuse(document.RootElement);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool HasWhatWeRefuse(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object =>
            element.EnumerateObject().Any(m => m.Name == "\n")
                || element.EnumerateObject().GroupBy(m => m.Name).Any(g => g.Count() > 1)
                || element.EnumerateObject().Any(m => HasWhatWeRefuse(m.Value)),
        JsonValueKind.Array => element.EnumerateArray().Any(HasWhatWeRefuse),
        _ => false,
    };

    private static JsonFault Walk(byte[] json)
    {
        Span<(int, int)> names = stackalloc (int, int)[64];
        var reader = new StrictJsonReader(json, names);
        while (reader.Read() && reader.Token != JsonToken.End)
        {
        }
        Assert.Equal(reader.Fault == JsonFault.None, reader.Detail.Length == 0);
        return reader.Fault;
    }
}
