using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Security.KeyVault.Keys;

/// <summary>Requests to one vault: address, API version, headers, and errors as exceptions.</summary>
internal sealed class VaultPipeline
{
    private readonly HttpPipeline _pipeline;
    private readonly string _apiVersion;

    public VaultPipeline(Uri vaultUri, ClientOptions options, TokenCredential credential, bool verifyResource, string apiVersion)
    {
        VaultUri = vaultUri;
        _apiVersion = apiVersion;
        _pipeline = HttpPipelineBuilder.Build(options, new ChallengeAuthenticationPolicy(credential, verifyResource));
    }

    public Uri VaultUri { get; }

    /// <summary>Address of a resource of the vault, with the API version. The parts are escaped.</summary>
    public Uri Address(string query, params ReadOnlySpan<string?> parts)
    {
        var builder = new RequestUriBuilder();
        builder.Reset(VaultUri);
        builder.AppendPath("/keys", escape: false);
        foreach (var part in parts)
        {
            builder.AppendPath("/", escape: false);
            builder.AppendPath(part ?? string.Empty);
        }

        return WithVersion(builder, query);
    }

    /// <summary><paramref name="address"/> with <paramref name="suffix"/> after its path, and the API version.</summary>
    public Uri Address(Uri address, string suffix)
    {
        var builder = new RequestUriBuilder();
        builder.Reset(address);
        builder.AppendPath(suffix, escape: false);
        return WithVersion(builder, query: string.Empty);
    }

    /// <exception cref="RequestFailedException">The service answered another status than 200.</exception>
    public async Task<Response> SendAsync(RequestMethod method, Uri address, RequestContent? content, CancellationToken cancellationToken)
    {
        using var request = _pipeline.CreateRequest();
        request.Method = method;
        request.Uri.Reset(address);
        request.Headers.Add(HttpHeader.Common.JsonAccept);
        if (content is not null)
        {
            request.Headers.Add(HttpHeader.Common.JsonContentType);
            request.Content = content;
        }

        var response = await _pipeline.SendRequestAsync(request, cancellationToken).ConfigureAwait(false);
        return response.Status == 200 ? response : throw new RequestFailedException(response);
    }

    private Uri WithVersion(RequestUriBuilder builder, string query)
    {
        builder.Query = query;
        builder.AppendQuery("api-version", _apiVersion);
        return builder.ToUri();
    }
}
