using System.Text.Json;
using System.Text.RegularExpressions;

namespace Relay.Infra.Tests.Catalog;

/// <summary>A resource type that the deployment may use.</summary>
/// <param name="Version">The only API version allowed.</param>
/// <param name="Scope">Where it is deployed: <c>subscription</c>, <c>resourceGroup</c>,
/// <c>parent</c> or, on another resource, <c>extension</c>.</param>
/// <param name="Least">Characters of the last part of its name.</param>
/// <param name="Most">Characters of the last part of its name.</param>
/// <param name="Pattern">What Azure takes as a name.</param>
/// <param name="Properties">Allowed properties of the first two levels, as paths; <c>*</c> stands for any.</param>
internal sealed record ResourceRule(string Version, string Scope, int Least, int Most, string Pattern, IReadOnlyList<string> Properties)
{
    public bool AllowsName(string name) =>
        name.Length >= Least && name.Length <= Most && Regex.IsMatch(name, Pattern, RegexOptions.CultureInvariant);

    public bool Allows(string first) => Properties.Any(path => path == first || path.StartsWith($"{first}.", StringComparison.Ordinal));

    public bool Allows(string first, string second) =>
        Properties.Contains($"{first}.{second}") || Properties.Contains($"{first}.*") || Properties.Contains(first);
}

/// <summary>
/// The allow-list, from the services' published resource definitions. A type, version or property that is not in it is a mistake until
/// someone has looked it up.
/// </summary>
internal static class ResourceCatalog
{
    public static IReadOnlyDictionary<string, ResourceRule> Rules { get; } = Load();

    private static Dictionary<string, ResourceRule> Load()
    {
        using var stream = typeof(ResourceCatalog).Assembly.GetManifestResourceStream("resources.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, ResourceRule>>(stream, JsonSerializerOptions.Web)!;
    }
}
