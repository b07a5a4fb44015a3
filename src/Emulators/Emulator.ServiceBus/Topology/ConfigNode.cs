using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Xml;

namespace Emulator.ServiceBus.Topology;

/// <summary>One object of Config.json with its path. A value of the wrong kind adds a fault and reads as the default.</summary>
internal sealed class ConfigNode
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _faults;

    public ConfigNode(JsonElement element, string path, List<string> faults)
    {
        Path = path;
        _faults = faults;
        if (element.ValueKind != JsonValueKind.Object)
        {
            faults.Add($"{path}: expected an object, got {Describe(element)}");
            return;
        }

        foreach (var member in element.EnumerateObject())
        {
            if (!_members.TryAdd(member.Name, member.Value)) faults.Add($"{path}.{member.Name}: expected each member once, got it again");
        }
    }

    public string Path { get; }

    public static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"\"{element.GetString()}\"",
        _ => element.GetRawText(),
    };

    public IEnumerable<(string Name, JsonElement Value)> Members() => _members.Select(member => (member.Key, member.Value));

    public void Only(params ReadOnlySpan<string> known)
    {
        foreach (var name in _members.Keys)
        {
            var found = false;
            foreach (var candidate in known)
            {
                found |= string.Equals(candidate, name, StringComparison.OrdinalIgnoreCase);
            }

            if (!found) Fault(name, "one of " + string.Join(", ", known!), "an unknown member");
        }
    }

    public ConfigNode? Child(string name) => TryGet(name, out var value) ? new ConfigNode(value, $"{Path}.{name}", _faults) : null;

    public IReadOnlyList<ConfigNode> Items(string name)
    {
        if (!TryGet(name, out var value)) return [];
        if (value.ValueKind == JsonValueKind.Array)
        {
            return [.. value.EnumerateArray().Select((item, index) => new ConfigNode(item, $"{Path}.{name}[{index}]", _faults))];
        }
        Fault(name, "an array", Describe(value));
        return [];
    }

    public string Name() => Text("Name") ?? Missing("Name", "a string", "");

    /// <summary>A string; empty counts as absent, as in the official emulator's samples.</summary>
    public string? Text(string name)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString() is { Length: > 0 } text ? text : null;
        Fault(name, "a string", Describe(value));
        return null;
    }

    public bool Boolean(string name, bool absent = false)
    {
        if (!TryGet(name, out var value)) return absent;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Fault(name, "true or false", Describe(value));
        return absent;
    }

    public int Integer(string name, int absent)
    {
        if (!TryGet(name, out var value)) return absent;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)) return number;
        Fault(name, "a whole number", Describe(value));
        return absent;
    }

    public TimeSpan Duration(string name, TimeSpan absent)
    {
        if (!TryGet(name, out var value)) return absent;
        try
        {
            if (value.ValueKind == JsonValueKind.String) return XmlConvert.ToTimeSpan(value.GetString()!);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            // Reported below with what came.
        }

        Fault(name, "an ISO 8601 duration such as \"PT1M\"", Describe(value));
        return absent;
    }

    public T Choice<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text) return default;
        if (!char.IsAsciiDigit(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var choice)) return choice;
        Fault(name, "one of " + string.Join(", ", Enum.GetNames<T>()), $"\"{text}\"");
        return default;
    }

    public T Missing<T>(string name, string expected, T value)
    {
        Fault(name, expected, "nothing");
        return value;
    }

    public void Fault(string name, string expected, string came) => _faults.Add($"{Path}.{name}: expected {expected}, got {came}");

    private bool TryGet(string name, [MaybeNullWhen(false)] out JsonElement value) =>
        _members.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null;
}
