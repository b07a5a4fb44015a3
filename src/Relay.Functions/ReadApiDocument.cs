using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Functions.Callers;
using Relay.Functions.Operations;
using Relay.Functions.Reading;

namespace Relay.Functions;

/// <summary>The description of the HTTP interface: <c>GET /api/openapi.json</c>, OpenAPI 3.1. Nothing of a negotiation is in it.</summary>
public sealed class ReadApiDocument
{
    private static readonly Lazy<Task<byte[]>> Document = new(() => ApiDocument.WriteAsync(HttpFunctions.All, CancellationToken.None));

#pragma warning disable CA1822 // The worker makes an instance for every invocation; a static method among instance ones is a surprise.
    [Function(nameof(ReadApiDocument))]
    [Operation("GET", CallerKind.Anyone, "This description.")]
    [Answer(200, "application/json", "OpenAPI 3.1.")]
    public async Task<IActionResult> RunAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "openapi.json")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new BytesAnswer(StatusCodes.Status200OK, await Document.Value, "application/json", BytesAnswer.Changing);
    }
#pragma warning restore CA1822
}
