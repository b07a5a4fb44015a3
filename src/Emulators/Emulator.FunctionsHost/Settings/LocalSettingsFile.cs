using System.Text.Json;

namespace Emulator.FunctionsHost.Settings;

/// <summary>
/// Reads the settings of a <c>local.settings.json</c>: the strings under <c>Values</c>, and <c>ConnectionStrings</c> as
/// <c>ConnectionStrings:{name}</c>. <c>Host</c> is Core Tools' own and left alone.
/// </summary>
internal static class LocalSettingsFile
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    public static IReadOnlyDictionary<string, string?> Read(string path, ICollection<string> errors)
    {
        try
        {
            return Parse(File.ReadAllBytes(path), path, errors);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{path}: cannot be read: {exception.Message}");
            return new Dictionary<string, string?>();
        }
    }

    public static IReadOnlyDictionary<string, string?> Parse(ReadOnlyMemory<byte> json, string path, ICollection<string> errors)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        try
        {
            using var document = JsonDocument.Parse(SkipByteOrderMark(json), Lenient);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                errors.Add($"{path}: expected a JSON object, found {document.RootElement.ValueKind}.");
                return settings;
            }

            foreach (var member in document.RootElement.EnumerateObject())
            {
                ReadMember(member, path, settings, errors);
            }
        }
        catch (JsonException exception)
        {
            errors.Add($"{path}: not valid JSON at line {exception.LineNumber + 1}: {exception.Message}");
        }

        return settings;
    }

    private static void ReadMember(JsonProperty member, string path, Dictionary<string, string?> settings, ICollection<string> errors)
    {
        if (Named(member, "IsEncrypted") && member.Value.ValueKind == JsonValueKind.True)
        {
            errors.Add($"{path}: IsEncrypted is true; encrypted values cannot be read here. Run 'func settings decrypt' first.");
        }
        else if (Named(member, "Values"))
        {
            ReadStrings(member, "", path, settings, errors);
        }
        else if (Named(member, "ConnectionStrings"))
        {
            ReadStrings(member, "ConnectionStrings:", path, settings, errors);
        }
    }

    private static void ReadStrings(
        JsonProperty section, string prefix, string path, Dictionary<string, string?> settings, ICollection<string> errors)
    {
        if (section.Value.ValueKind != JsonValueKind.Object)
        {
            errors.Add($"{path}: {section.Name} must be an object of strings, found {section.Value.ValueKind}.");
            return;
        }

        foreach (var setting in section.Value.EnumerateObject())
        {
            // Core Tools takes strings only; a number here would work locally and be dropped there.
            if (setting.Value.ValueKind != JsonValueKind.String)
            {
                errors.Add($"{path}: {section.Name}.{setting.Name} must be a string, found {setting.Value.ValueKind}.");
            }
            else
            {
                settings[prefix + SettingNames.Normalize(setting.Name)] = setting.Value.GetString();
            }
        }
    }

    private static bool Named(JsonProperty member, string name) => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static ReadOnlyMemory<byte> SkipByteOrderMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? json[3..] : json;
}
