using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Emulator.FunctionsHost.Triggers.Http;

/// <summary>
/// The request as the worker gets it: with the invocation's id, and with what the platform's front end vouches for and nobody else may say.
/// </summary>
internal sealed class WorkerTransformer(string invocationId, Uri target) : HttpTransformer
{
    public const string InvocationHeader = "x-ms-invocation-id";

    private const string ClientCertificateHeader = "X-ARR-ClientCert";
    private const string PrincipalPrefix = "X-MS-CLIENT-PRINCIPAL";
    private const string ForwardedPrefix = "X-Forwarded-";
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string ForwardedProto = "X-Forwarded-Proto";

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        RemoveWhatOnlyTheFrontMaySay(httpContext.Request.Headers);
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);

        // As it came, escapes included; a path built anew would differ where the worker compares.
        var raw = httpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget;
        proxyRequest.RequestUri = raw is ['/', ..] ? new Uri(target.GetLeftPart(UriPartial.Authority) + raw) : proxyRequest.RequestUri;
        var headers = proxyRequest.Headers;
        headers.Host = null;
        headers.Add(InvocationHeader, invocationId);
        headers.TryAddWithoutValidation(ForwardedFor, httpContext.Connection.RemoteIpAddress?.ToString());
        headers.TryAddWithoutValidation(ForwardedHost, httpContext.Request.Host.Value);
        headers.TryAddWithoutValidation(ForwardedProto, httpContext.Request.Scheme);
        if (httpContext.Connection.ClientCertificate is { } certificate)
        {
            headers.TryAddWithoutValidation(ClientCertificateHeader, Convert.ToBase64String(certificate.RawData));
        }
    }

    private static void RemoveWhatOnlyTheFrontMaySay(IHeaderDictionary headers)
    {
        headers.Remove(InvocationHeader);
        headers.Remove(ClientCertificateHeader);
        foreach (var name in headers.Keys.Where(IsReserved).ToArray())
        {
            headers.Remove(name);
        }
    }

    private static bool IsReserved(string name) =>
        name.StartsWith(ForwardedPrefix, StringComparison.OrdinalIgnoreCase)
            || name.StartsWith(PrincipalPrefix, StringComparison.OrdinalIgnoreCase);
}
