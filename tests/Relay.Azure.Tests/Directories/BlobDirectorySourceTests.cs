using System.Net;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Azure.Directories;
using Relay.Core.Directory;

namespace Relay.Azure.Tests.Directories;

public sealed class BlobDirectorySourceTests
{
    private const string ETag = "\"0x8DD0000000000\"";

    [Fact]
    public async Task ReadAsync_Blob_IsFoundWithItsETag()
    {
        var read = await ReadAsync(null, request =>
        {
            Assert.Equal("http://127.0.0.1:10000/devstoreaccount1/directory/doha-2026.json", request.RequestUri!.ToString());
            Assert.False(request.Headers.Contains("If-None-Match"));
            return Answer(HttpStatusCode.PartialContent, "{}");
        });
        Assert.Equal((DirectoryReadStatus.Found, ETag), (read.Status, read.Version));
        Assert.Equal("{}"u8.ToArray(), read.Document.ToArray());
    }

    [Fact]
    public async Task ReadAsync_SameETag_IsUnchanged()
    {
        var read = await ReadAsync(ETag, request =>
        {
            Assert.Equal(ETag, Assert.Single(request.Headers.GetValues("If-None-Match")));
            return Answer(HttpStatusCode.NotModified, "");
        });
        Assert.Equal((DirectoryReadStatus.Unchanged, ETag), (read.Status, read.Version));
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "BlobNotFound", DirectoryReadStatus.NotFound)]
    [InlineData(HttpStatusCode.NotFound, "ContainerNotFound", DirectoryReadStatus.Unavailable)]
    [InlineData(HttpStatusCode.Forbidden, "AuthorizationFailure", DirectoryReadStatus.Unavailable)]
    [InlineData(HttpStatusCode.PreconditionFailed, "ConditionNotMet", DirectoryReadStatus.Unavailable)]
    public async Task ReadAsync_Refusal_IsAStatus(HttpStatusCode status, string code, DirectoryReadStatus expected)
    {
        var read = await ReadAsync(null, _ =>
        {
            var answer = Answer(status, $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
            answer.Headers.Add("x-ms-error-code", code);
            answer.Content.Headers.ContentType = new("application/xml");
            return answer;
        });
        Assert.Equal(expected, read.Status);
    }

    [Fact]
    public async Task ReadAsync_ConnectionRefused_IsUnavailable() =>
        Assert.Equal(DirectoryReadStatus.Unavailable, (await ReadAsync(null, _ => throw new HttpRequestException("refused"))).Status);

    [Fact]
    public async Task ListAsync_Container_NamesItsDocumentsOverPages()
    {
        var pages = 0;
        var names = await Source(request =>
        {
            Assert.Contains("comp=list", request.RequestUri!.Query, StringComparison.Ordinal);
            return pages++ == 0 ? Page("next", "doha-2026.json", "notes.txt") : Page("", "geneva.json");
        }).ListAsync(10, TestContext.Current.CancellationToken);
        Assert.Equal(["doha-2026", "geneva"], names?.Order(StringComparer.Ordinal));
        Assert.Equal(2, pages);
    }

    [Fact]
    public async Task ListAsync_MoreThanWantedOrNotReadable_IsNone()
    {
        Assert.Null(await Source(_ => Page("", "doha-2026.json", "geneva.json")).ListAsync(1, TestContext.Current.CancellationToken));
        Assert.Null(await Source(_ => throw new HttpRequestException("refused")).ListAsync(1, TestContext.Current.CancellationToken));
    }

    private static HttpResponseMessage Page(string marker, params string[] names)
    {
        var blobs = string.Concat(
            names.Select(name => $"<Blob><Name>{name}</Name><Properties><BlobType>BlockBlob</BlobType></Properties></Blob>"));
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent(
                $"<?xml version=\"1.0\"?><EnumerationResults><Blobs>{blobs}</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>",
                System.Text.Encoding.UTF8,
                "application/xml"),
        };
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string body)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body) };
        answer.Headers.TryAddWithoutValidation("ETag", ETag);
        answer.Content.Headers.LastModified = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        answer.Content.Headers.ContentRange = new(0, Math.Max(0, body.Length - 1), Math.Max(1, body.Length));
        return answer;
    }

    private static async Task<DirectoryRead> ReadAsync(string? known, Func<HttpRequestMessage, HttpResponseMessage> answer) =>
        await Source(answer).ReadAsync("doha-2026", known, TestContext.Current.CancellationToken);

    private static BlobDirectorySource Source(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
#pragma warning disable CA2000 // It holds nothing; the transport is as long-lived as the source.
        var options = new BlobClientOptions { Transport = new HttpClientTransport(new Handler(answer)) };
#pragma warning restore CA2000
        options.Retry.MaxRetries = 0;
        return new BlobDirectorySource(
            new BlobContainerClient("UseDevelopmentStorage=true", "directory", options), NullLogger<BlobDirectorySource>.Instance);
    }

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }
}
