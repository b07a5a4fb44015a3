using System.Text.Json;

namespace Emulator.FunctionsHost.Indexing;

/// <summary>One binding of a function, from the JSON object in its metadata; names are compared without regard to case.</summary>
internal sealed class RawBinding
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.OrdinalIgnoreCase);

    private RawBinding(JsonElement root)
    {
        foreach (var member in root.EnumerateObject())
        {
            _members[member.Name] = member.Value.Clone();
        }
    }

    public string Type => Text("type") ?? "";

    public string Name => Text("name") ?? "";

    public bool IsTrigger => Type.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase);

    public bool IsOut => string.Equals(Text("direction"), "out", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static RawBinding Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? new RawBinding(document.RootElement)
            : throw new JsonException("Expected an object.");
    }

    public string? Text(string name) =>
        _members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public bool? Flag(string name) => !_members.TryGetValue(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => bool.TryParse(value.ToString(), out var flag) ? flag : null,
    };

    public IReadOnlyList<string> Texts(string name) => _members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Array
        ? [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
        : [];

    /// <summary>A member of the object <c>properties</c>.</summary>
    public string? Property(string name) =>
        _members.TryGetValue("properties", out var value)
            && value.ValueKind == JsonValueKind.Object
            && value.TryGetProperty(name, out var property)
            ? property.ToString()
            : null;
}
