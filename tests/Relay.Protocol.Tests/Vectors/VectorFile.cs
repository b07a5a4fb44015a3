using System.Text.Json;
using System.Text.Json.Nodes;

namespace Relay.Protocol.Tests.Vectors;

/// <summary>The published vectors beside the test assembly; <c>README.md</c> in this folder describes their members.</summary>
internal static class VectorFile
{
    public static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    public static JsonObject Read(string name) =>
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", name)))!.AsObject();

    public static void Write(string folder, string name, JsonObject content) =>
        File.WriteAllText(Path.Combine(folder, name), content.ToJsonString(Layout) + "\n");
}
