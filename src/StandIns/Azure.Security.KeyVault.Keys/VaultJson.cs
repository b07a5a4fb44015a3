using System.Buffers;
using System.Text.Json;
using Azure.Core;

namespace Azure.Security.KeyVault.Keys;

/// <summary>Bodies of the keys REST API, read and written.</summary>
internal static class VaultJson
{
    /// <summary>A request body of one JSON object, whose members <paramref name="members"/> writes.</summary>
    public static RequestContent Body(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return RequestContent.Create(buffer.WrittenMemory);
    }

    public static void WriteCreateOptions(Utf8JsonWriter writer, CreateKeyOptions? options)
    {
        if (options is null) return;
        WriteOperations(writer, options.KeyOperations);
        WriteAttributes(writer, options.Enabled, options.NotBefore, options.ExpiresOn, options.Exportable);
        if (options.Tags.Count > 0) WriteTags(writer, options.Tags);
    }

    public static void WriteProperties(Utf8JsonWriter writer, KeyProperties properties)
    {
        WriteAttributes(writer, properties.Enabled, properties.NotBefore, properties.ExpiresOn, properties.Exportable);
        if (properties.Tags.Count > 0) WriteTags(writer, properties.Tags);
    }

    public static void WriteOperations(Utf8JsonWriter writer, IEnumerable<KeyOperation>? operations)
    {
        if (operations is null) return;
        var started = false;
        foreach (var operation in operations)
        {
            if (!started) writer.WriteStartArray("key_ops");
            started = true;
            writer.WriteStringValue(operation.ToString());
        }

        if (started) writer.WriteEndArray();
    }

    /// <summary>The bundle the service answers for one key version.</summary>
    public static KeyVaultKey ReadKey(Response response)
    {
        using var document = Parse(response);
        var root = document.RootElement;
        var key = JsonWebKeyConverter.ReadKey(root.GetProperty("key"));
        if (key.Id is null) throw new JsonException("The answer's key has no 'kid'.");
        return new KeyVaultKey(ReadProperties(key.Id, root), key);
    }

    /// <summary>One page of a list and the address of the next, which is null after the last.</summary>
    public static (IReadOnlyList<KeyProperties> Items, string? NextLink) ReadPage(Response response)
    {
        using var document = Parse(response);
        var items = new List<KeyProperties>();
        if (document.RootElement.TryGetProperty("value", out var values) && values.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in values.EnumerateArray())
            {
                items.Add(ReadProperties(item.GetProperty("kid").GetString()!, item));
            }
        }

        var next = document.RootElement.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
        return (items, string.IsNullOrEmpty(next) ? null : next);
    }

    public static JsonDocument Parse(Response response) => JsonDocument.Parse(response.Content.ToMemory());

    private static KeyProperties ReadProperties(string id, JsonElement json)
    {
        var properties = new KeyProperties(new Uri(id));
        if (json.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in attributes.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "enabled": properties.Enabled = member.Value.GetBoolean(); break;
                    case "nbf": properties.NotBefore = Time(member.Value); break;
                    case "exp": properties.ExpiresOn = Time(member.Value); break;
                    case "created": properties.CreatedOn = Time(member.Value); break;
                    case "updated": properties.UpdatedOn = Time(member.Value); break;
                    case "exportable": properties.Exportable = member.Value.GetBoolean(); break;
                    case "recoveryLevel": properties.RecoveryLevel = member.Value.GetString(); break;
                    case "recoverableDays": properties.RecoverableDays = member.Value.GetInt32(); break;
                    case "hsmPlatform": properties.HsmPlatform = member.Value.GetString(); break;
                }
            }
        }

        if (json.TryGetProperty("managed", out var managed)) properties.Managed = managed.GetBoolean();
        if (json.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Object)
        {
            foreach (var tag in tags.EnumerateObject()) properties.Tags[tag.Name] = tag.Value.GetString() ?? string.Empty;
        }

        return properties;
    }

    private static DateTimeOffset Time(JsonElement json) => DateTimeOffset.FromUnixTimeSeconds(json.GetInt64());

    private static void WriteAttributes(Utf8JsonWriter writer, bool? enabled, DateTimeOffset? notBefore, DateTimeOffset? expiresOn, bool? exportable)
    {
        if (enabled is null && notBefore is null && expiresOn is null && exportable is null) return;
        writer.WriteStartObject("attributes");
        if (enabled is { } isEnabled) writer.WriteBoolean("enabled", isEnabled);
        if (notBefore is { } nbf) writer.WriteNumber("nbf", nbf.ToUnixTimeSeconds());
        if (expiresOn is { } exp) writer.WriteNumber("exp", exp.ToUnixTimeSeconds());
        if (exportable is { } isExportable) writer.WriteBoolean("exportable", isExportable);
        writer.WriteEndObject();
    }

    private static void WriteTags(Utf8JsonWriter writer, IDictionary<string, string> tags)
    {
        writer.WriteStartObject("tags");
        foreach (var (name, value) in tags) writer.WriteString(name, value);
        writer.WriteEndObject();
    }
}
