using Relay.Infra.Tests.Bicep;
using Relay.Infra.Tests.Catalog;

namespace Relay.Infra.Tests.Checks;

/// <summary>Every resource is of an allowed type and version, and says only what that type knows.</summary>
internal static class ResourceChecks
{
    private static readonly string[] Always = ["name", "dependsOn"];

    public static IEnumerable<Mistake> Check(BicepFile file)
    {
        foreach (var resource in file.Of(DeclarationKind.Resource))
        {
            Mistake At(string code, BicepNode node, string text) => new(code, file.Path, node.Line, text);
            var parts = resource.TypeText!.Split('@');
            if (parts.Length != 2 || !ResourceCatalog.Rules.TryGetValue(parts[0], out var rule))
            {
                yield return At("TYPE", resource.Node, $"'{resource.TypeText}' is not an allowed resource type");
                continue;
            }

            if (parts[1] != rule.Version)
            {
                yield return At("VERSION", resource.Node, $"{parts[0]} is to be used at {rule.Version}, not {parts[1]}");
            }

            var body = resource.Value!;
            foreach (var required in Required(rule).Where(required => body.Property(required) is null))
            {
                yield return At("REQUIRED", resource.Node, $"'{resource.Name}' has no '{required}'");
            }

            if (resource.IsExisting)
            {
                continue;
            }

            foreach (var (key, node, value) in body.Properties().Where(property => !Always.Contains(property.Key)))
            {
                if (key is "parent" or "scope" ? !Required(rule).Contains(key) : !rule.Allows(key))
                {
                    yield return At("PROPERTY", node, $"{parts[0]} has no allowed property '{key}'");
                }

                if (key == "location" && value.Type == "string" && BicepFile.StringText(value) != "global")
                {
                    yield return At("LOCATION", node, $"location {value.Text} is fixed; take a parameter");
                }

                var members = key is "parent" or "scope" ? [] : value.Objects().SelectMany(inner => inner.Properties());
                foreach (var (second, secondNode, _) in members.Where(member => !rule.Allows(key, member.Key)))
                {
                    yield return At("PROPERTY", secondNode, $"{parts[0]} has no allowed property '{key}.{second}'");
                }
            }
        }
    }

    private static IEnumerable<string> Required(ResourceRule rule) => rule.Scope switch
    {
        "parent" => ["name", "parent"],
        "extension" => ["name", "scope"],
        _ => ["name"],
    };
}
