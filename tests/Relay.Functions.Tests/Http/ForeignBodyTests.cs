using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Functions.Tests.Reading;

namespace Relay.Functions.Tests.Http;

/// <summary>Bodies that are no JSON in UTF-8: the answer says what they are.</summary>
public sealed class ForeignBodyTests : IAsyncLifetime
{
    private readonly ReadingFixture _fixture = new();
    private AppUnderTest _app = null!;

    public async ValueTask InitializeAsync() => _app = await AppUnderTest.StartAsync(_fixture);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    public static TheoryData<string, byte[], int, string> Bodies => new()
    {
        { "nothing", [], 400, "expected a value at byte 0, got the end" },
        { "byte order mark", [0xef, 0xbb, 0xbf, .. "{}"u8], 400, "a byte order mark (ef bb bf) at byte 0" },
        { "UTF-16", [0xff, 0xfe, .. Encoding.Unicode.GetBytes("{}")], 400, "UTF-16 (byte order mark ff fe at byte 0)" },
        { "bad UTF-8", [.. "{\"payload\":\"caf"u8, 0xe9, (byte)'"', (byte)'}'], 400, "expected UTF-8 at byte 15, got byte 0xe9" },
        { "gzip unsaid", Gzip("{}"u8), 400, "gzip (1f 8b at byte 0)" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Post_ForeignBody_IsNamed(string what, byte[] body, int status, string detail)
    {
        Assert.NotEmpty(what);
        var (answer, problem) = await PostAsync(new ByteArrayContent(body));
        Assert.Equal((status, "urn:relay:not-json"), ((int)answer.StatusCode, problem["type"]!.GetValue<string>()));
        Assert.Contains(detail, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity, deflate")]
    public async Task Post_ContentCoding_Is415AndSaysWhichAreTaken(string coding)
    {
        using var content = new ByteArrayContent(Gzip("{}"u8));
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        var (answer, problem) = await PostAsync(content);
        Assert.Equal(
            (HttpStatusCode.UnsupportedMediaType, "urn:relay:unsupported-coding"),
            (answer.StatusCode, problem["type"]!.GetValue<string>()));
        Assert.Equal("identity", Assert.Single(answer.Headers.GetValues("Accept-Encoding")));
        Assert.Contains($"Content-Encoding {coding.Split(", ")[^1]}", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_Multipart_Is415()
    {
        using var content = new MultipartFormDataContent { { new ByteArrayContent([.. "{}"u8]), "file", "envelope.json" } };
        var (answer, problem) = await PostAsync(content);
        Assert.Equal(
            (HttpStatusCode.UnsupportedMediaType, "urn:relay:unsupported-media-type"),
            (answer.StatusCode, problem["type"]!.GetValue<string>()));
        Assert.Contains("multipart/form-data: send the file itself", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json; charset=utf-16", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=\"iso-8859-1\"", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json; charset=\"UTF-8\"", HttpStatusCode.BadRequest)]
    [InlineData("application/x-www-form-urlencoded", HttpStatusCode.BadRequest)]
    [InlineData("application/vnd.relay.envelope+jose+json", HttpStatusCode.BadRequest)]
    [InlineData("nonsense", HttpStatusCode.BadRequest)]
    public async Task Post_MediaType_IsRefusedOnlyWhereItSaysThatTheBodyIsNone(string type, HttpStatusCode status)
    {
        using var content = new ByteArrayContent([.. "{}"u8]);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        Assert.Equal(status, (await PostAsync(content)).Answer.StatusCode);
    }

    private static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Optimal)) gzip.Write(bytes);
        return buffer.ToArray();
    }

    private async Task<(HttpResponseMessage Answer, JsonNode Problem)> PostAsync(HttpContent content)
    {
        var answer = await _app.SendAsync(HttpMethod.Post, "/api/envelopes", request => request.Content = content, caller: null);
        Assert.Equal(MediaTypeHeaderValue.Parse("application/problem+json"), answer.Content.Headers.ContentType);
        return (answer, JsonNode.Parse(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken))!);
    }
}
