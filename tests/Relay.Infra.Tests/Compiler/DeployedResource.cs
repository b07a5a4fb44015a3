using System.Text.Json;
using System.Text.RegularExpressions;
using Relay.Infra.Tests.Bicep;

namespace Relay.Infra.Tests.Compiler;

/// <summary>
/// A resource as a text that is the same for the interpreter and for the compiler's
/// snapshot when both say the same: one line for each value. Hashes are names
/// without meaning and become TOKEN; what only a deployment knows becomes a question mark.
/// </summary>
internal static partial class DeployedResource
{
    public static List<string> Of(BicepProgram program)
    {
        var token = Token(program.Resources.Select(resource => resource.Name));
        return program.Resources
            .Select(resource => Text(resource.Id, resource.Type, resource.ApiVersion, Lines(resource.Body, ""), token))
            .Order(StringComparer.Ordinal).ToList();
    }

    public static List<string> Of(JsonElement snapshot)
    {
        var resources = snapshot.GetProperty("predictedResources").EnumerateArray().ToList();
        var token = Token(resources.Select(resource => resource.GetProperty("name").GetString()!));
        return resources
            .Select(resource => Text(
                resource.GetProperty("id").GetString()!,
                resource.GetProperty("type").GetString()!,
                resource.GetProperty("apiVersion").GetString()!,
                Lines(resource, ""),
                token))
            .Order(StringComparer.Ordinal).ToList();
    }

    // Of the identity's name, which ends with it.
    private static string Token(IEnumerable<string> names) =>
        names.First(name => name.StartsWith("id-relay-", StringComparison.Ordinal)).Split('-')[^1];

    private static string Text(string id, string type, string version, IEnumerable<string> lines, string token)
    {
        var text = string.Join('\n', lines.Order(StringComparer.Ordinal).Prepend($"{type}@{version} {id}"));
        return HashedName().Replace(text.Replace(token, "TOKEN", StringComparison.Ordinal), "/TOKEN");
    }

    private static IEnumerable<string> Lines(object? value, string path) => value switch
    {
        null => [],
        ResourceValue => [],
        Dictionary<string, object?> { Count: 0 } => [$"{path}={{}}"],
        Dictionary<string, object?> map => map.Where(member => Counts(path, member.Key)).SelectMany(
            member => Lines(member.Value, $"{path}.{member.Key}")),
        List<object?> { Count: 0 } => [$"{path}=[]"],
        List<object?> list => list.SelectMany((item, i) => Lines(item, $"{path}[{i}]")),
        _ => [Line(path, BicepFunctions.Text(value), Unknown().IsMatch(BicepFunctions.Text(value)))],
    };

    private static IEnumerable<string> Lines(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Null => [],
        JsonValueKind.Object when !value.EnumerateObject().Any() => [$"{path}={{}}"],
        JsonValueKind.Object => value.EnumerateObject().Where(member => Counts(path, member.Name)).SelectMany(
            member => Lines(member.Value, $"{path}.{member.Name}")),
        JsonValueKind.Array when value.GetArrayLength() == 0 => [$"{path}=[]"],
        JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Lines(item, $"{path}[{i}]")),
        JsonValueKind.String => [Line(path, value.GetString()!, value.GetString()!.StartsWith('['))],
        _ => [Line(path, value.GetRawText(), false)],
    };

    // The id says these.
    private static bool Counts(string path, string member) =>
        path.Length > 0 || member is not ("id" or "name" or "type" or "apiVersion" or "parent" or "scope" or "dependsOn");

    private static string Line(string path, string value, bool unknown) => $"{path}={(unknown ? "?" : value)}";

    // A path as RuntimeValue writes it.
    [GeneratedRegex(@"<Microsoft\.[^>]+>")]
    private static partial Regex Unknown();

    [GeneratedRegex("(?<=/role(?:Assignments|Definitions))/[0-9a-f]{8}(?:-[0-9a-f]{4}){4}[0-9a-f]{8}")]
    private static partial Regex HashedName();
}
