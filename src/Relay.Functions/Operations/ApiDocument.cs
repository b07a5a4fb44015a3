using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Relay.Functions.Callers;

namespace Relay.Functions.Operations;

/// <summary>
/// The description of the HTTP interface, OpenAPI 3.1, made from what the functions declare: nothing is described that is not there, and a
/// test holds that nothing there is missing.
/// </summary>
public sealed class ApiDocument
{
    /// <summary>Extension of an operation: who may call it, <c>anyone</c>, <c>member</c>, <c>operator</c>.</summary>
    public const string CallersExtension = "x-relay-callers";

    private const string ProblemType = "application/problem+json";
    private const string ProblemName = "Problem";
    private const string Certificate = "clientCertificate";
    private const string Token = "accessToken";
    private const string Description =
        "Envelopes in, receipts and the ledger out. HEAD is answered wherever GET is, OPTIONS everywhere; other methods are 405. "
        + "Errors are problem details (RFC 9457) whose type is urn:relay:{reason}.";

    private readonly OpenApiDocument _document = new()
    {
        Info = new OpenApiInfo { Title = "Relay", Version = "1", Description = Description },
        Servers = [new OpenApiServer { Url = "/api" }],
        Paths = [],
        Components = new OpenApiComponents
        {
            Schemas = new Dictionary<string, IOpenApiSchema>(),
            SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Certificate] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.MutualTLS,
                    Description = "A certificate whose key the negotiation's document names in callers, or the settings as an operator's.",
                },
                [Token] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    BearerFormat = "JWT",
                    Description = "An Entra access token whose object id the document names, or which has the operators' app role.",
                },
            },
        },
    };

    private ApiDocument(IEnumerable<HttpFunction> functions)
    {
        _document.Components!.Schemas![ProblemName] = JsonShapes.Of(typeof(Problem), _document);
        foreach (var function in functions)
        {
            var path = new OpenApiPathItem { Parameters = [.. RouteParameters.Of(function.Route)] };
            foreach (var operation in function.Operations)
            {
                path.AddOperation(new HttpMethod(operation.Method), Describe(function, operation));
            }

            _document.Paths.Add(RouteParameters.Template(function.Route), path);
        }
    }

    /// <summary>Writes the description, JSON in UTF-8.</summary>
    /// <param name="functions">What is described, each with a route of its own.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<byte[]> WriteAsync(IEnumerable<HttpFunction> functions, CancellationToken cancellationToken)
    {
        var document = new ApiDocument(functions)._document;
        return Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken));
    }

    private OpenApiOperation Describe(HttpFunction function, OperationAttribute operation)
    {
        var described = new OpenApiOperation
        {
            OperationId = function.Operations.Count == 1
                ? function.Name
                : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(operation.Method.ToLowerInvariant()) + function.Name,
            Summary = operation.Summary,
            Parameters = [.. function.Method.GetCustomAttributes<QueryAttribute>().Select(RouteParameters.Of)],
            Security = Security(operation.Callers),
            Responses = Responses(function, operation),
            Extensions = new Dictionary<string, IOpenApiExtension>
            {
                [CallersExtension] = new JsonNodeExtension(new JsonArray([.. Names(operation.Callers)])),
            },
        };
        if (operation.Method != "GET" && function.Method.GetCustomAttribute<TakesAttribute>() is { } body)
        {
            described.RequestBody = new OpenApiRequestBody
            {
                Description = body.Description,
                Required = true,
                Content = Content(body.MediaType, body.Body),
            };
        }

        return described;
    }

    private OpenApiResponses Responses(HttpFunction function, OperationAttribute operation)
    {
        var responses = new OpenApiResponses();
        foreach (var answer in function.AnswersOf(operation))
        {
            responses[Key(answer.Status)] = new OpenApiResponse
            {
                Description = answer.Description,
                Content = Content(answer.MediaType, answer.Body),
            };
        }

        foreach (var status in function.PartsOf(operation))
        {
            responses[Key(status)] = new OpenApiResponse { Description = "As conditions and a range ask for (RFC 9110)." };
        }

        foreach (var status in function.ProblemsOf(operation))
        {
            responses[Key(status)] = new OpenApiResponse
            {
                Description = "Refused; the problem says why.",
                Headers = status is 429 or 503 ? new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = RetryAfter() } : null,
                Content = new Dictionary<string, IOpenApiMediaType>
                {
                    [ProblemType] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(ProblemName, _document) },
                },
            };
        }

        return responses;
    }

    private Dictionary<string, IOpenApiMediaType> Content(string mediaType, Type? body)
    {
        if (body is not null) _document.Components!.Schemas!.TryAdd(body.Name, JsonShapes.Of(body, _document));
        IOpenApiSchema schema = body is null
            ? new OpenApiSchema { Type = JsonSchemaType.String }
            : new OpenApiSchemaReference(body.Name, _document);
        return new() { [mediaType] = new OpenApiMediaType { Schema = schema } };
    }

    private static OpenApiHeader RetryAfter() => new()
    {
        Description = "Whole seconds after which it may go.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
    };

    // Either of the two; which names count is the document's and the settings' to say.
    private List<OpenApiSecurityRequirement> Security(CallerKind callers) => callers.HasFlag(CallerKind.Anyone)
        ? []
        :
        [
            new() { [new OpenApiSecuritySchemeReference(Certificate, _document)] = [] },
            new() { [new OpenApiSecuritySchemeReference(Token, _document)] = [] },
        ];

    private static IEnumerable<JsonNode> Names(CallerKind callers)
    {
        if (callers.HasFlag(CallerKind.Anyone)) yield return "anyone";
        if (callers.HasFlag(CallerKind.Member)) yield return "member";
        if (callers.HasFlag(CallerKind.Operator)) yield return "operator";
    }

    private static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);

    /// <summary>Shape of problem details as the relay writes them.</summary>
    /// <param name="Type"><c>urn:relay:{reason}</c>.</param>
    /// <param name="Title">The reason in a word.</param>
    /// <param name="Status">The status.</param>
    /// <param name="Detail">What was expected and what came.</param>
    /// <param name="Id">Envelope id, where there is one.</param>
    /// <param name="Next">The sequence that the stream expects, where that says more.</param>
    private sealed record Problem(string Type, string Title, int Status, string Detail, string? Id, long? Next);
}
