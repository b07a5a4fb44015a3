using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Azure.Core;
using Azure.Storage.Blobs.Models;

namespace Azure.Storage.Blobs;

/// <summary>The pages of a container's blobs in lexical order; each enumeration asks anew.</summary>
internal sealed class BlobPages(StoragePipeline pipeline, Uri container, BlobTraits traits, string? prefix, CancellationToken cancellationToken)
    : AsyncPageable<BlobItem>(cancellationToken)
{
    public override async IAsyncEnumerable<Page<BlobItem>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        var marker = continuationToken;
        do
        {
            var response = await pipeline.SendAsync(ListRequest(marker, pageSizeHint), [200], CancellationToken).ConfigureAwait(false);
            var root = Parse(response);
            var items = root.Element("Blobs")?.Elements("Blob").Select(Item).ToList() ?? [];
            marker = root.Element("NextMarker")?.Value;
            marker = string.IsNullOrEmpty(marker) ? null : marker;
            yield return Page<BlobItem>.FromValues(items, marker, response);
        }
        while (marker is not null);
    }

    private static XElement Parse(Response response)
    {
        using var stream = response.Content.ToStream();
        using var reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        return XElement.Load(reader);
    }

    private static BlobItem Item(XElement blob)
    {
        var properties = blob.Element("Properties");
        return new()
        {
            Name = Name(blob.Element("Name")),
            Metadata = blob.Element("Metadata")?.Elements().ToDictionary(item => item.Name.LocalName, item => item.Value, StringComparer.OrdinalIgnoreCase),
            Properties = new()
            {
                ETag = properties?.Element("Etag") is { } etag ? new ETag(etag.Value) : null,
                LastModified = BlobResponses.ParseTime(properties?.Element("Last-Modified")?.Value),
                CreatedOn = BlobResponses.ParseTime(properties?.Element("Creation-Time")?.Value),
                ContentLength = long.TryParse(properties?.Element("Content-Length")?.Value, CultureInfo.InvariantCulture, out var length) ? length : null,
                ContentType = properties?.Element("Content-Type")?.Value,
            },
        };
    }

    // A name XML cannot hold comes percent-encoded and marked so.
    private static string Name(XElement? name) => name is null
        ? string.Empty
        : (string?)name.Attribute("Encoded") == "true" ? Uri.UnescapeDataString(name.Value) : name.Value;

    private Request ListRequest(string? marker, int? pageSize)
    {
        var request = pipeline.CreateRequest(RequestMethod.Get, container);
        request.Uri.AppendQuery("restype", "container");
        request.Uri.AppendQuery("comp", "list");
        if (!string.IsNullOrEmpty(prefix)) request.Uri.AppendQuery("prefix", prefix);
        if (marker is not null) request.Uri.AppendQuery("marker", marker);
        if (pageSize is { } size) request.Uri.AppendQuery("maxresults", size.ToString(CultureInfo.InvariantCulture));
        if (traits.HasFlag(BlobTraits.Metadata)) request.Uri.AppendQuery("include", "metadata");
        return request;
    }
}
