using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Messaging.ServiceBus.Administration;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>The ATOM requests of the administration client: token, address, retries of Azure.Core, errors as the official client maps them.</summary>
internal sealed class AdministrationHttp
{
    private const int PageSize = 100;

    private readonly Uri _address;
    private readonly TokenSource _tokens;
    private readonly string _version;
    private readonly HttpPipeline _pipeline;

    /// <param name="address">Scheme and authority.</param>
    /// <param name="tokens">Makes a token for each request.</param>
    /// <param name="options">Version, retries, transport.</param>
    public AdministrationHttp(Uri address, TokenSource tokens, ServiceBusAdministrationClientOptions options)
    {
        _address = address;
        _tokens = tokens;
        _version = options.ApiVersion;
        _pipeline = HttpPipelineBuilder.Build(options);
    }

    public async Task<Response<T>> GetAsync<T>(string path, Func<XElement, T> read, CancellationToken cancellationToken, bool enrich = false)
    {
        var response = await SendAsync(RequestMethod.Get, path, $"&enrich={Word(enrich)}", null, false, cancellationToken).ConfigureAwait(false);
        return Response.FromValue(read(Entry(path, response)), response);
    }

    public async Task<Response<T>> PutAsync<T>(string path, XElement description, bool isUpdate, Func<XElement, T> read, CancellationToken cancellationToken)
    {
        var response = await SendAsync(RequestMethod.Put, path, "", description, isUpdate, cancellationToken).ConfigureAwait(false);
        return Response.FromValue(read(Entry(path, response)), response);
    }

    public Task<Response> DeleteAsync(string path, CancellationToken cancellationToken) => SendAsync(RequestMethod.Delete, path, "", null, false, cancellationToken);

    public async Task<Response<bool>> ExistsAsync(string path, Predicate<XElement> isIt, CancellationToken cancellationToken)
    {
        try
        {
            var response = await SendAsync(RequestMethod.Get, path, "&enrich=False", null, false, cancellationToken).ConfigureAwait(false);
            return Response.FromValue(AdministrationXml.Entries(response).FirstOrDefault() is { } entry && isIt(entry), response);
        }
        catch (ServiceBusException exception) when (exception is { Reason: ServiceBusFailureReason.MessagingEntityNotFound, InnerException: RequestFailedException failed })
        {
            return Response.FromValue(false, failed.GetRawResponse()!);
        }
    }

    public AsyncPageable<T> ListAsync<T>(string path, Func<XElement, T> read, CancellationToken cancellationToken, bool enrich = false)
        where T : notnull => new Pages<T>(this, path, read, enrich, cancellationToken);

    private static string Word(bool value) => value ? "True" : "False";

    private static XElement Entry(string path, Response response) => AdministrationXml.Entries(response).FirstOrDefault()
        ?? throw new ServiceBusException($"Entity '{path}' was not found.", ServiceBusFailureReason.MessagingEntityNotFound, path, new RequestFailedException(response));

    private async Task<Response> SendAsync(RequestMethod method, string path, string query, XElement? description, bool isUpdate, CancellationToken cancellationToken)
    {
        using var message = _pipeline.CreateMessage();
        var request = message.Request;
        request.Method = method;
        var resource = new Uri(_address, path);
        request.Uri.Reset(new Uri($"{resource}?api-version={_version}{query}"));
        var token = await _tokens.GetTokenAsync(resource.AbsoluteUri, cancellationToken).ConfigureAwait(false);
        request.Headers.Add("Authorization", token.Type == CbsToken.JsonWebToken ? "Bearer " + token.Value : token.Value);
        if (description is not null)
        {
            request.Headers.Add("Content-Type", "application/atom+xml");
            if (isUpdate) request.Headers.Add("If-Match", "*");
            request.Content = RequestContent.Create(Encoding.UTF8.GetBytes(AdministrationXml.ToEntry(description).ToString(SaveOptions.DisableFormatting)));
        }

        await _pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        return message.Response.IsError ? throw Failure(method, isUpdate, path, message.Response) : message.Response;
    }

    private static Exception Failure(RequestMethod method, bool isUpdate, string path, Response response)
    {
        var detail = AdministrationXml.ErrorDetail(response) ?? response.ReasonPhrase;
        var inner = new RequestFailedException(response);
        var isConcurrent = method == RequestMethod.Delete || isUpdate || detail.Contains("SubCode=40901", StringComparison.OrdinalIgnoreCase);
        return response.Status switch
        {
            400 => new ArgumentException(detail, inner),
            401 => new UnauthorizedAccessException(detail, inner),
            403 when detail.Contains("SubCode=40301", StringComparison.OrdinalIgnoreCase) => new InvalidOperationException(detail, inner),
            403 => new ServiceBusException(detail, ServiceBusFailureReason.QuotaExceeded, path, inner),
            404 => new ServiceBusException(detail, ServiceBusFailureReason.MessagingEntityNotFound, path, inner),
            409 when isConcurrent => new ServiceBusException(true, detail, path, innerException: inner),
            409 => new ServiceBusException(detail, ServiceBusFailureReason.MessagingEntityAlreadyExists, path, inner),
            503 => new ServiceBusException(detail, ServiceBusFailureReason.ServiceBusy, path, inner),
            _ => new ServiceBusException(true, detail, path, innerException: inner),
        };
    }

    private sealed class Pages<T>(AdministrationHttp http, string path, Func<XElement, T> read, bool enrich, CancellationToken cancellationToken) : AsyncPageable<T>(cancellationToken)
        where T : notnull
    {
        public override async IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
        {
            var skip = continuationToken is null ? 0 : int.Parse(continuationToken, CultureInfo.InvariantCulture);
            while (true)
            {
                var query = string.Create(CultureInfo.InvariantCulture, $"&enrich={Word(enrich)}&$skip={skip}&$top={PageSize}");
                var response = await http.SendAsync(RequestMethod.Get, path, query, null, false, CancellationToken).ConfigureAwait(false);
                var items = AdministrationXml.Entries(response).Select(read).ToList();
                skip += items.Count;
                var more = items.Count == PageSize;
                yield return Page<T>.FromValues(items, more ? skip.ToString(CultureInfo.InvariantCulture) : null, response);
                if (!more) yield break;
            }
        }
    }
}
