using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace Relay.Functions.Operations;

/// <summary>What stands in routes, by name: the same name is the same thing everywhere.</summary>
internal static partial class RouteParameters
{
    private const string NamePattern = "^[a-z0-9][a-z0-9-]{0,49}$";

    private static readonly Dictionary<string, (string Description, string Pattern, string Example)> Known = new(StringComparer.Ordinal)
    {
        ["negotiation"] = ("Name of the negotiation.", NamePattern, "doha-2026"),
        ["delegation"] = ("Name of a delegation.", NamePattern, "iran"),
        ["sender"] = ("The sending delegation.", NamePattern, "us"),
        ["lane"] = ("The lane.", "^(normal|urgent)$", "normal"),
        ["sequence"] = ("Sequence in the stream, from 1.", "^[1-9][0-9]{0,15}$", "1"),
        ["keyId"] = ("Key id of the checkpoint's signature.", "^[0-9a-f]{8}$", "00000000"),
        ["digest"] = ("SHA-256, base64url.", "^[A-Za-z0-9_-]{43}$", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"),
        ["path"] = ("Rest of the path of a tile (C2SP tlog-tiles), slashes included.", "^.+$", "0/000.p/1"),
    };

    /// <summary>The route as a path template: a rest of segments is a parameter like any other there.</summary>
    public static string Template(string route) => "/" + route.Replace("{*", "{", StringComparison.Ordinal);

    /// <summary>Parameters of a route, in its order.</summary>
    /// <exception cref="InvalidOperationException">One is not known here.</exception>
    public static IEnumerable<IOpenApiParameter> Of(string route) => Name().Matches(route).Select(match =>
    {
        var name = match.Groups[1].Value;
        if (!Known.TryGetValue(name, out var known)) throw new InvalidOperationException($"expected a known route parameter, got '{name}'");
        return new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Path,
            Required = true,
            Description = known.Description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = known.Pattern },
            Example = JsonValue.Create(known.Example),
        };
    });

    /// <summary>A parameter of the query.</summary>
    public static IOpenApiParameter Of(QueryAttribute query) => new OpenApiParameter
    {
        Name = query.Name,
        In = ParameterLocation.Query,
        Required = !query.IsOptional,
        Description = query.Description,
        Schema = query.Text is null
            ? new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = 0.ToString(CultureInfo.InvariantCulture) }
            : new OpenApiSchema { Type = JsonSchemaType.String },
        Example = query.Text is { } text ? JsonValue.Create(text) : JsonValue.Create(query.Example),
    };

    [GeneratedRegex("""\{\*?(\w+)\}""")]
    private static partial Regex Name();
}
