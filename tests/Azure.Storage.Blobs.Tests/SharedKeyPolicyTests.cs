using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Storage.Blobs.Tests;

public sealed class SharedKeyPolicyTests
{
    private static readonly HttpPipeline Pipeline = HttpPipelineBuilder.Build(new BlobClientOptions());

    [Fact]
    public void StringToSign_OfAWrite_HasEachPartInItsPlace()
    {
        using var request = NewRequest(RequestMethod.Put, "https://acc.blob.core.windows.net/c/a%20b");
        request.Headers.Add("x-ms-version", "2025-11-05");
        request.Headers.Add("x-ms-date", "Sun, 22 Nov 2026 20:00:00 GMT");
        request.Headers.Add("X-Ms-Blob-Type", "BlockBlob");
        request.Headers.Add("x-ms-meta-z", " padded ");
        request.Headers.Add("Content-Type", "text/plain");
        request.Headers.Add("If-Match", "\"0x1\"");
        request.Headers.Add("If-None-Match", "*");
        request.Content = RequestContent.Create(new byte[] { 1, 2, 3 });

        const string Expected = "PUT\n\n\n3\n\ntext/plain\n\n\n\"0x1\"\n*\n\n\n"
            + "x-ms-blob-type:BlockBlob\nx-ms-date:Sun, 22 Nov 2026 20:00:00 GMT\nx-ms-meta-z:padded\nx-ms-version:2025-11-05\n"
            + "/acc/c/a%20b";
        Assert.Equal(Expected, SharedKeyPolicy.StringToSign(request, "acc"));
    }

    [Fact]
    public void StringToSign_OfAnEmptyBody_HasNoLength()
    {
        using var request = NewRequest(RequestMethod.Put, "https://acc.blob.core.windows.net/c");
        request.Content = RequestContent.Create(Array.Empty<byte>());
        Assert.StartsWith("PUT\n\n\n\n\n", SharedKeyPolicy.StringToSign(request, "acc"), StringComparison.Ordinal);
    }

    [Fact]
    public void StringToSign_OfAQuery_IsSortedLoweredAndDecoded()
    {
        using var request = NewRequest(RequestMethod.Get, "http://127.0.0.1:10000/devstoreaccount1/c?restype=container&Prefix=a%2Fb%20c&comp=list&include=b&include=a");
        Assert.EndsWith(
            "/devstoreaccount1/devstoreaccount1/c\ncomp:list\ninclude:a,b\nprefix:a/b c\nrestype:container",
            SharedKeyPolicy.StringToSign(request, "devstoreaccount1"),
            StringComparison.Ordinal);
    }

    private static Request NewRequest(RequestMethod method, string address)
    {
        var request = Pipeline.CreateRequest();
        request.Method = method;
        request.Uri.Reset(new Uri(address));
        return request;
    }
}
