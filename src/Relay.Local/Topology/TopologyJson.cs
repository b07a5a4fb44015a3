using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;

namespace Relay.Local.Topology;

/// <summary>How topology.json is read: camel case, durations in ISO 8601, nothing unknown, nothing missing, nothing twice.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(IsoDurationConverter)])]
[JsonSerializable(typeof(RelayTopology))]
internal sealed partial class TopologyJson : JsonSerializerContext;

/// <summary>ISO 8601 durations such as <c>P30D</c> and <c>PT1M</c>.</summary>
internal sealed class IsoDurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        try
        {
            return XmlConvert.ToTimeSpan(text ?? "");
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw new JsonException($"Expected an ISO 8601 duration such as PT1M, got '{text}'.", exception);
        }
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(XmlConvert.ToString(value));
}
