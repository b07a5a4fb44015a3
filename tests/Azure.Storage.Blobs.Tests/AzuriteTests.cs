using System.Security.Cryptography;
using Azure.Storage.Blobs.Models;
using Relay.Testing;

namespace Azure.Storage.Blobs.Tests;

/// <summary>The stand-in on a blob service nobody here wrote.</summary>
public sealed class AzuriteTests(Azurite azurite)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateIfNotExists_Twice_AnswersNullTheSecondTime()
    {
        var container = await azurite.NewContainerAsync();
        Assert.False(await container.ExistsAsync(Cancel));
        var first = await container.CreateIfNotExistsAsync(cancellationToken: Cancel);
        var second = await container.CreateIfNotExistsAsync(cancellationToken: Cancel);

        Assert.NotEqual(default, first.Value.ETag);
        Assert.Null(second);
        Assert.True(await container.ExistsAsync(Cancel));
        Assert.True(await container.DeleteIfExistsAsync(cancellationToken: Cancel));
        Assert.False(await container.DeleteIfExistsAsync(cancellationToken: Cancel));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024 * 1024)]
    public async Task Upload_OfAnySize_IsReadBackWhole(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var blob = (await NewAsync()).GetBlobClient("a blob/with ünïcode+plus%percent?and#more");
        BlobContentInfo written = await blob.UploadAsync(BinaryData.FromBytes(content), Cancel);
        BlobDownloadResult read = await blob.DownloadContentAsync(Cancel);

        Assert.Equal(content, read.Content.ToArray());
        Assert.Equal(written.ETag, read.Details.ETag);
        Assert.Equal(written.LastModified, read.Details.LastModified);
        Assert.Equal(size, read.Details.ContentLength);
        Assert.Equal(MD5Of(content), written.ContentHash);
    }

    [Fact]
    public async Task Upload_OfAStream_IsReadFromItsPosition()
    {
        var blob = (await NewAsync()).GetBlobClient("s");
        using var stream = new MemoryStream([1, 2, 3, 4]) { Position = 2 };
        await blob.UploadAsync(stream, overwrite: true, Cancel);

        Assert.Equal([3, 4], (await blob.DownloadContentAsync(Cancel)).Value.Content.ToArray());
    }

    [Fact]
    public async Task Upload_WithoutOverwriteWhereTheBlobExists_IsBlobAlreadyExists()
    {
        var blob = (await NewAsync()).GetBlobClient("once");
        await blob.UploadAsync(BinaryData.FromString("1"), Cancel);

        await RefusedAsync(409, BlobErrorCode.BlobAlreadyExists, () => blob.UploadAsync(BinaryData.FromString("2")));
        await RefusedAsync(409, BlobErrorCode.BlobAlreadyExists, () => blob.UploadAsync(BinaryData.FromString("2"), Options(new() { IfNoneMatch = ETag.All }), Cancel));
        Assert.Equal("1", (await blob.DownloadContentAsync(Cancel)).Value.Content.ToString());
        await blob.UploadAsync(BinaryData.FromString("3"), overwrite: true, Cancel);
        await blob.UploadAsync(BinaryData.FromString("4"), new BlobUploadOptions(), Cancel);
        Assert.Equal("4", (await blob.DownloadContentAsync(Cancel)).Value.Content.ToString());
    }

    [Fact]
    public async Task Upload_IfMatch_SwapsOnceAndThenIsConditionNotMet()
    {
        var blob = (await NewAsync()).GetBlobClient("head");
        BlobContentInfo first = await blob.UploadAsync(BinaryData.FromString("1"), Cancel);
        BlobContentInfo second = await blob.UploadAsync(BinaryData.FromString("2"), Options(new() { IfMatch = first.ETag }), Cancel);

        Assert.NotEqual(first.ETag, second.ETag);
        await RefusedAsync(412, BlobErrorCode.ConditionNotMet, () => blob.UploadAsync(BinaryData.FromString("3"), Options(new() { IfMatch = first.ETag }), Cancel));
        var absent = (await NewAsync()).GetBlobClient("absent");
        await RefusedAsync(412, BlobErrorCode.ConditionNotMet, () => absent.UploadAsync(BinaryData.FromString("3"), Options(new() { IfMatch = first.ETag }), Cancel));
        Assert.Equal("2", (await blob.DownloadContentAsync(Cancel)).Value.Content.ToString());
    }

    [Fact]
    public async Task Upload_IfMatchFromManyAtOnce_LetsExactlyOneWin()
    {
        var blob = (await NewAsync()).GetBlobClient("head");
        BlobContentInfo first = await blob.UploadAsync(BinaryData.FromString("0"), Cancel);
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 16).Select(async i =>
        {
            try
            {
                await blob.UploadAsync(BinaryData.FromObjectAsJson(i), Options(new() { IfMatch = first.ETag }), Cancel);
                return 201;
            }
            catch (RequestFailedException exception)
            {
                return exception.Status;
            }
        }));

        Assert.Single(outcomes, 201);
        Assert.Equal(15, outcomes.Count(status => status == 412));
    }

    [Fact]
    public async Task Download_UnderConditions_AnswersAsTheServiceDoes()
    {
        var container = await NewAsync();
        var blob = container.GetBlobClient("b");
        BlobContentInfo written = await blob.UploadAsync(BinaryData.FromString("0123456789"), Cancel);

        await RefusedAsync(304, null, () => blob.DownloadContentAsync(new BlobRequestConditions { IfNoneMatch = written.ETag }, Cancel));
        await RefusedAsync(412, BlobErrorCode.ConditionNotMet, () => blob.DownloadContentAsync(new BlobRequestConditions { IfMatch = new ETag("\"0x1\"") }, Cancel));
        await RefusedAsync(404, BlobErrorCode.BlobNotFound, () => container.GetBlobClient("absent").DownloadContentAsync(Cancel));
        await RefusedAsync(404, BlobErrorCode.ContainerNotFound, async () => await (await azurite.NewContainerAsync()).GetBlobClient("b").DownloadContentAsync(Cancel));
        BlobDownloadResult part = await blob.DownloadContentAsync(new BlobDownloadOptions { Range = new HttpRange(3, 4) }, Cancel);
        Assert.Equal("3456", part.Content.ToString());
    }

    [Fact]
    public async Task GetProperties_WithMetadataAndType_AnswersThem()
    {
        var blob = (await NewAsync()).GetBlobClient("b");
        var options = new BlobUploadOptions
        {
            HttpHeaders = new() { ContentType = "application/json", CacheControl = "no-store" },
            Metadata = new Dictionary<string, string> { ["version"] = "7", ["Name"] = "x y" },
        };
        BlobContentInfo written = await blob.UploadAsync(BinaryData.FromString("{}"), options, Cancel);
        BlobProperties properties = await blob.GetPropertiesAsync(cancellationToken: Cancel);

        Assert.Equal(written.ETag, properties.ETag);
        Assert.Equal("application/json", properties.ContentType);
        Assert.Equal(2, properties.ContentLength);
        Assert.Equal("7", properties.Metadata["version"]);
        Assert.Equal("x y", properties.Metadata["name"]);
        Assert.True(await blob.ExistsAsync(Cancel));
        Assert.True(await blob.DeleteIfExistsAsync(cancellationToken: Cancel));
        Assert.False(await blob.DeleteIfExistsAsync(cancellationToken: Cancel));
        Assert.False(await blob.ExistsAsync(Cancel));
        await RefusedAsync(404, BlobErrorCode.BlobNotFound, () => blob.GetPropertiesAsync(cancellationToken: Cancel));
    }

    [Fact]
    public async Task GetBlobs_OverPages_NamesEachBlobOnceInOrder()
    {
        var container = await NewAsync();
        var names = Enumerable.Range(0, 23).Select(i => $"doha 2026/{i:00}&<>.json").ToArray();
        foreach (var name in names) await container.GetBlobClient(name).UploadAsync(BinaryData.FromString(name), Cancel);
        await container.GetBlobClient("other").UploadAsync(BinaryData.FromString("x"), Cancel);

        var listed = new List<BlobItem>();
        await foreach (var page in container.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, "doha 2026/", Cancel).AsPages(pageSizeHint: 5))
        {
            Assert.InRange(page.Values.Count, 0, 5);
            listed.AddRange(page.Values);
        }

        var all = 0;
        await foreach (var item in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, Cancel)) all++;

        Assert.Equal(names, listed.Select(item => item.Name));
        Assert.Equal(24, all);
        BlobProperties properties = await container.GetBlobClient(names[0]).GetPropertiesAsync(cancellationToken: Cancel);
        Assert.Equal(properties.ETag.ToString("H"), listed[0].Properties.ETag!.Value.ToString("H"));
        Assert.Equal(names[0].Length, listed[0].Properties.ContentLength);
        Assert.Equal(properties.LastModified, listed[0].Properties.LastModified);
    }

    [Fact]
    public async Task Request_OfAVersionTheServerDoesNotKnow_SaysSo()
    {
        var container = await azurite.NewContainerAsync(options: new BlobClientOptions());
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => container.CreateIfNotExistsAsync(cancellationToken: Cancel));
        Assert.Equal(400, exception.Status);
        Assert.True(exception.ErrorCode == BlobErrorCode.InvalidHeaderValue, exception.ErrorCode);
    }

    [Fact]
    public async Task Container_OfABadName_IsRefusedByTheService()
    {
        var container = await azurite.NewContainerAsync("x");
        var exception = await Assert.ThrowsAsync<RequestFailedException>(() => container.CreateIfNotExistsAsync(cancellationToken: Cancel));
        Assert.Equal(400, exception.Status);
    }

    private static BlobUploadOptions Options(BlobRequestConditions conditions) => new() { Conditions = conditions };

#pragma warning disable CA5351 // The service's own checksum is MD5; nothing is trusted for it.
    private static byte[] MD5Of(byte[] content) => MD5.HashData(content);
#pragma warning restore CA5351

    private static async Task RefusedAsync(int status, BlobErrorCode? code, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<RequestFailedException>(call);
        Assert.Equal(status, exception.Status);
        if (code is { } expected) Assert.True(exception.ErrorCode == expected, $"expected {expected}, got {exception.ErrorCode}");
    }

    private async Task<BlobContainerClient> NewAsync()
    {
        var container = await azurite.NewContainerAsync();
        await container.CreateIfNotExistsAsync(cancellationToken: Cancel);
        return container;
    }
}
