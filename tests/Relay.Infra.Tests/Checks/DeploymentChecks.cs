using Relay.Infra.Tests.Bicep;
using Relay.Infra.Tests.Catalog;

namespace Relay.Infra.Tests.Checks;

/// <summary>
/// What is deployed, not how it is written: names within limits, nothing twice, roles known and well placed, no key ways in.
/// </summary>
internal static class DeploymentChecks
{
    private const int LongestDeploymentName = 64;

    public static IEnumerable<Mistake> Check(BicepProgram program)
    {
        foreach (var mistake in program.Mistakes)
        {
            yield return mistake;
        }

        foreach (var (name, file, line) in program.Deployments.Where(deployment => deployment.Name.Length > LongestDeploymentName))
        {
            yield return new("NAME", file, line, $"deployment name '{name}' has {name.Length} characters, at most {LongestDeploymentName}");
        }

        foreach (var group in program.Resources.GroupBy(resource => resource.Id, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1))
        {
            yield return At("TWICE", group.Last(), $"{group.Key} is deployed {group.Count()} times");
        }

        foreach (var resource in program.Resources)
        {
            if (ResourceCatalog.Rules.TryGetValue(resource.Type, out var rule) && !rule.AllowsName(resource.Name))
            {
                yield return At(
                    "NAME",
                    resource,
                    $"'{resource.Name}' is no name for {resource.Type}: {rule.Least} to {rule.Most} characters of {rule.Pattern}");
            }

            foreach (var (path, expected) in Required(resource))
            {
                if (!Equals(Read(resource.Body, path), expected))
                {
                    var actual = BicepFunctions.Text(Read(resource.Body, path));
                    yield return At(
                        "HARDENING",
                        resource,
                        $"{resource.Type} '{resource.Name}': {path} is {actual}, expected {BicepFunctions.Text(expected)}");
                }
            }

            foreach (var mistake in CheckRole(program, resource))
            {
                yield return mistake;
            }
        }
    }

    /// <summary>The role of an assignment, or null when it is none that is known.</summary>
    public static Role? RoleOf(BicepProgram program, ResourceValue assignment)
    {
        var id = BicepFunctions.Text(assignment.Properties.GetValueOrDefault("roleDefinitionId"));
        if (RoleCatalog.BuiltIn.TryGetValue(id.Split('/')[^1], out var role))
        {
            return role;
        }

        var own = program.Resources.FirstOrDefault(resource => resource.Is("Microsoft.Authorization/roleDefinitions") && resource.Id == id);
        var actions = own is null ? [] : Actions(own, "dataActions");
        return actions.Count == 0 || !actions.All(RoleCatalog.DataActions.ContainsKey) || Actions(own!, "actions").Count > 0
            ? null
            : new(
                // Without the subscription, which makes the name unique in the tenant.
                $"{own!.Properties["roleName"]}".Split(',')[0],
                actions.Select(action => RoleCatalog.DataActions[action].Action).ToList(),
                actions.Select(action => RoleCatalog.DataActions[action].Scope).Distinct().ToList());
    }

    private static IEnumerable<Mistake> CheckRole(BicepProgram program, ResourceValue resource)
    {
        if (!resource.Is("Microsoft.Authorization/roleAssignments"))
        {
            yield break;
        }

        if (RoleOf(program, resource) is not { } role)
        {
            yield return At(
                "ROLE", resource, $"role {resource.Properties.GetValueOrDefault("roleDefinitionId")} is none that may be assigned");
            yield break;
        }

        if (resource.Scope is not { } scope || !role.Scopes.Contains(scope.Type))
        {
            var place = resource.Scope?.Type ?? "a whole group or subscription";
            yield return At("ROLE-SCOPE", resource, $"{role.Name} is assigned on {place}, expected {string.Join(" or ", role.Scopes)}");
        }
        else if (role.Name == "Storage Blob Data Owner" && HoldsData(program, scope))
        {
            yield return At("ROLE-SCOPE", resource, $"{role.Name} is assigned on '{scope.Name}', which holds the relay's data");
        }

        if (resource.Properties.GetValueOrDefault("principalType") is null)
        {
            yield return At("ROLE", resource, "an assignment without principalType fails for an identity that was made a moment ago");
        }
    }

    private static bool HoldsData(BicepProgram program, ResourceValue account) =>
        program.Resources.Any(
            other =>
                other.Id.StartsWith($"{account.Id}/blobServices/default/containers/", StringComparison.Ordinal)
                    && other.Name != "app-package");

    private static List<string> Actions(ResourceValue role, string kind) =>
        (role.Properties["permissions"] as List<object?> ?? []).OfType<Dictionary<string, object?>>()
        .SelectMany(permission => permission.GetValueOrDefault(kind) as List<object?> ?? []).OfType<string>().ToList();

    private static IEnumerable<(string Path, object? Expected)> Required(ResourceValue resource) => resource.Type switch
    {
        "Microsoft.ServiceBus/namespaces" => [("properties.disableLocalAuth", true), ("properties.minimumTlsVersion", "1.2")],
        "Microsoft.KeyVault/vaults" => [("properties.enableRbacAuthorization", true), ("properties.enablePurgeProtection", true)],
        "Microsoft.KeyVault/vaults/keys" => [("properties.attributes.exportable", false)],
        "Microsoft.Storage/storageAccounts" =>
        [
            ("properties.allowSharedKeyAccess", false), ("properties.allowBlobPublicAccess", false),
            ("properties.minimumTlsVersion", "TLS1_2"), ("properties.supportsHttpsTrafficOnly", true),
        ],
        "Microsoft.Web/sites" =>
        [
            ("properties.httpsOnly", true),
            ("properties.clientCertEnabled", true),
            ("properties.clientCertMode", "OptionalInteractiveUser"),
            ("properties.siteConfig.minTlsVersion", "1.2"), ("properties.siteConfig.ftpsState", "Disabled"),
        ],
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies" => [("properties.allow", false)],
        "Microsoft.Insights/components" => [("properties.DisableLocalAuth", true)],
        _ => [],
    };

    private static object? Read(object? value, string path) =>
        path.Split('.').Aggregate(value, (current, name) => (current as Dictionary<string, object?>)?.GetValueOrDefault(name));

    private static Mistake At(string code, ResourceValue resource, string text) => new(code, resource.File, resource.Line, text);
}
