using System.Globalization;
using Azure.Core;
using Azure.Storage.Blobs.Models;

namespace Azure.Storage.Blobs;

/// <summary>Reads the headers of the blob service.</summary>
internal static class BlobResponses
{
    private const string MetadataPrefix = "x-ms-meta-";

    public static ETag ETagOf(Response response) => response.Headers.ETag ?? default;

    public static DateTimeOffset LastModifiedOf(Response response) => Time(response, "Last-Modified");

    public static BlobContentInfo ContentInfo(Response response) => new()
    {
        ETag = ETagOf(response),
        LastModified = LastModifiedOf(response),
        ContentHash = response.Headers.TryGetValue("Content-MD5", out var md5) ? Convert.FromBase64String(md5) : null,
    };

    public static BlobDownloadResult Download(Response response) => new()
    {
        Content = response.Content,
        Details = new()
        {
            ETag = ETagOf(response),
            LastModified = LastModifiedOf(response),
            ContentLength = response.Headers.ContentLengthLong ?? response.Content.ToMemory().Length,
            ContentType = response.Headers.ContentType,
            Metadata = MetadataOf(response),
        },
    };

    public static BlobProperties Properties(Response response) => new()
    {
        ETag = ETagOf(response),
        LastModified = LastModifiedOf(response),
        CreatedOn = Time(response, "x-ms-creation-time"),
        ContentLength = response.Headers.ContentLengthLong ?? 0,
        ContentType = response.Headers.ContentType,
        Metadata = MetadataOf(response),
    };

    public static void WriteMetadata(RequestHeaders headers, IDictionary<string, string>? metadata)
    {
        if (metadata is null) return;
        foreach (var (name, value) in metadata) headers.Add(MetadataPrefix + name, value);
    }

    public static DateTimeOffset? ParseTime(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static DateTimeOffset Time(Response response, string header) =>
        response.Headers.TryGetValue(header, out var text) ? ParseTime(text) ?? default : default;

    private static Dictionary<string, string> MetadataOf(Response response)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in response.Headers)
        {
            if (header.Name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase)) metadata[header.Name[MetadataPrefix.Length..]] = header.Value;
        }

        return metadata;
    }
}
