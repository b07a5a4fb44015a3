using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs.Models;

namespace Azure.Storage.Blobs;

/// <summary>Requests to one storage account, authorized, with errors as exceptions.</summary>
internal sealed class StoragePipeline
{
    private const string Scope = "https://storage.azure.com/.default";
    private readonly HttpPipeline _pipeline;

    private StoragePipeline(BlobClientOptions options, HttpPipelinePolicy authentication)
    {
        var settings = new HttpPipelineOptions(options) { RequestFailedDetailsParser = new StorageErrorParser() };
        settings.PerRetryPolicies.Add(new StorageHeadersPolicy(options.VersionString, TimeProvider.System));
        settings.PerRetryPolicies.Add(authentication);
        _pipeline = HttpPipelineBuilder.Build(settings);
    }

    public static StoragePipeline ForKey(StorageConnectionString connection, BlobClientOptions? options) =>
        new(options ?? new(), new SharedKeyPolicy(connection.AccountName, connection.AccountKey));

    public static StoragePipeline ForToken(Uri address, TokenCredential credential, BlobClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(credential);
        if (address.Scheme != Uri.UriSchemeHttps) throw new ArgumentException("Cannot use TokenCredential without HTTPS.", nameof(address));
        return new(options ?? new(), new BearerTokenAuthenticationPolicy(credential, Scope));
    }

    public Request CreateRequest(RequestMethod method, Uri address, BlobRequestConditions? conditions = null)
    {
        var request = _pipeline.CreateRequest();
        request.Method = method;
        request.Uri.Reset(address);
        AddConditions(request.Headers, conditions);
        return request;
    }

    /// <summary>Sends and disposes <paramref name="request"/>.</summary>
    /// <exception cref="RequestFailedException">The answer's status is none of <paramref name="expected"/>.</exception>
    public async Task<Response> SendAsync(Request request, int[] expected, CancellationToken cancellationToken)
    {
        using (request)
        {
            var response = await _pipeline.SendRequestAsync(request, cancellationToken).ConfigureAwait(false);
            return expected.Contains(response.Status) ? response : throw new RequestFailedException(response);
        }
    }

    private static void AddConditions(RequestHeaders headers, BlobRequestConditions? conditions)
    {
        if (conditions is null) return;
        if (conditions.IfMatch is { } ifMatch) headers.Add("If-Match", ifMatch.ToString("H"));
        if (conditions.IfNoneMatch is { } ifNoneMatch) headers.Add("If-None-Match", ifNoneMatch.ToString("H"));
        if (conditions.IfModifiedSince is { } modified) headers.Add("If-Modified-Since", modified.ToUniversalTime().ToString("R"));
        if (conditions.IfUnmodifiedSince is { } unmodified) headers.Add("If-Unmodified-Since", unmodified.ToUniversalTime().ToString("R"));
        if (conditions.LeaseId is { } lease) headers.Add("x-ms-lease-id", lease);
        if (conditions.TagConditions is { } tags) headers.Add("x-ms-if-tags", tags);
    }
}
