using System.Text;
using Relay.Infra.Tests.Bicep;
using Relay.Infra.Tests.Checks;

namespace Relay.Infra.Tests.Permissions;

/// <summary>Somebody may do something with one entity.</summary>
/// <param name="Principal"><c>relay</c>, <c>delegation us</c>, <c>mediator qatar</c>, <c>operators</c>.</param>
/// <param name="Entity">Kind and name, e.g. <c>queue envelopes</c>.</param>
/// <param name="Role">The role that says so.</param>
internal sealed record Permission(string Principal, string Entity, string Action, string Role);

/// <summary>Who may do what, computed from the role assignments that a deployment makes.</summary>
internal static class PermissionMatrix
{
    private const string Start = "<!-- permissions: checked by tests/Relay.Infra.Tests -->\n";
    private const string End = "<!-- end of permissions -->\n";

    public static IReadOnlyList<Permission> Of(BicepProgram program, IReadOnlyDictionary<string, string> principals) =>
        program.Resources
            .Where(resource => resource.Is("Microsoft.Authorization/roleAssignments"))
            .SelectMany(assignment => Actions(program, assignment, principals))
            .Distinct()
            .OrderBy(permission => permission.Principal, StringComparer.Ordinal)
            .ThenBy(permission => permission.Entity, StringComparer.Ordinal)
            .ThenBy(permission => permission.Action, StringComparer.Ordinal)
            .ToList();

    /// <summary>A Markdown table with one line for each principal and entity.</summary>
    public static string Table(IEnumerable<Permission> permissions)
    {
        var table = new StringBuilder("| principal | entity | may | by role |\n| --- | --- | --- | --- |\n");
        foreach (var line in permissions.GroupBy(permission => (permission.Principal, permission.Entity)))
        {
            var actions = string.Join(", ", line.Select(permission => permission.Action).Distinct());
            var roles = string.Join(", ", line.Select(permission => permission.Role).Distinct().Order(StringComparer.Ordinal));
            table.Append(
                System.Globalization.CultureInfo.InvariantCulture, $"| {line.Key.Principal} | {line.Key.Entity} | {actions} | {roles} |\n");
        }

        return table.ToString();
    }

    /// <summary>The table that a text carries between its markers, or null.</summary>
    public static string? Printed(string markdown)
    {
        var text = markdown.ReplaceLineEndings("\n");
        var from = text.IndexOf(Start, StringComparison.Ordinal);
        var to = text.IndexOf(End, StringComparison.Ordinal);
        return from < 0 || to < from ? null : text[(from + Start.Length)..to];
    }

    private static IEnumerable<Permission> Actions(
        BicepProgram program, ResourceValue assignment, IReadOnlyDictionary<string, string> principals)
    {
        var principal = BicepFunctions.Text(assignment.Properties.GetValueOrDefault("principalId"));
        var role = DeploymentChecks.RoleOf(program, assignment);
        // A role that nobody knows may do anything: it shows in the table, and no expectation has it.
        return (role?.Actions ?? ["anything"]).Select(action =>
            new Permission(principals.GetValueOrDefault(principal, principal), Entity(assignment.Scope), action, role?.Name ?? "unknown"));
    }

    private static string Entity(ResourceValue? scope)
    {
        if (scope is null)
        {
            return "whole group";
        }

        var path = scope.Id.Split('/');
        return scope.Type switch
        {
            "Microsoft.ServiceBus/namespaces/queues" => $"queue {scope.Name}",
            "Microsoft.ServiceBus/namespaces/topics" => $"topic {scope.Name}",
            "Microsoft.ServiceBus/namespaces/topics/subscriptions" => $"subscription {path[^3]}/{scope.Name}",
            "Microsoft.KeyVault/vaults/keys" => $"key {scope.Name}",
            "Microsoft.Storage/storageAccounts/blobServices/containers" => $"container {scope.Name}",
            "Microsoft.Storage/storageAccounts" when scope.Name.StartsWith("sth", StringComparison.Ordinal) => "host storage",
            "Microsoft.Storage/storageAccounts" when scope.Name.StartsWith("stk", StringComparison.Ordinal) =>
                "host storage of the standby",
            "Microsoft.Insights/components" => "telemetry",
            _ => $"{scope.Type} {scope.Name}",
        };
    }
}
