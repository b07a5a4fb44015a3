using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace Relay.Functions.Operations;

/// <summary>Schemas of JSON bodies, from the types that are written.</summary>
internal static class JsonShapes
{
    // As answers are written, but that numbers are numbers.
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonSchemaExporterOptions Exporter = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = (_, schema) => WithoutNulls(schema),
    };

    /// <summary>The schema of a type's JSON, for a document.</summary>
    public static IOpenApiSchema Of(Type type, OpenApiDocument document)
    {
        var schema = Options.GetJsonSchemaAsNode(type, Exporter).ToJsonString();
        return OpenApiModelFactory.Parse<OpenApiSchema>(schema, OpenApiSpecVersion.OpenApi3_1, document, out _)
            ?? throw new InvalidOperationException($"expected a schema of {type}, got none");
    }

    // What is null is left out, so it is no null, and need not be there.
    private static JsonNode WithoutNulls(JsonNode schema)
    {
        if (schema is not JsonObject { } shape || shape["properties"] is not JsonObject properties) return schema;
        foreach (var (name, property) in properties)
        {
            if (property is not JsonObject member || member["type"] is not JsonArray types) continue;
            var kept = types.Select(type => type!.GetValue<string>()).Where(type => type != "null").ToList();
            if (kept.Count == types.Count) continue;
            member["type"] = kept.Count == 1 ? kept[0] : new JsonArray([.. kept.Select(type => JsonValue.Create(type))]);
            if (shape["required"] is not JsonArray required) continue;
            required.RemoveAll(item => item?.GetValue<string>() == name);
            if (required.Count == 0) shape.Remove("required");
        }

        return shape;
    }
}
