using Relay.Infra.Tests.Bicep;
using Relay.Infra.Tests.Checks;
using Relay.Local.Topology;

namespace Relay.Infra.Tests.Permissions;

public sealed class PermissionTests(InfraFixture infra)
{
    private const string Relay = "relay";
    private const string Operators = "operators";
    private const string Packages = "packages";

    private readonly RelayTopology _topology = RelayTopology.Load(Path.Combine(InfraSources.Infra, "topology.json"));

    public static TheoryData<string> Widened => new(PlantedMistake.Widened.Select(widened => widened.Name));

    [Fact]
    public async Task Permissions_OfProduction_AreExactlyTheExpectedOnes()
    {
        var actual = Production(await infra.FilesAsync(TestContext.Current.CancellationToken));
        var expected = Expected().ToHashSet();
        var found = actual.Select(permission => (permission.Principal, permission.Entity, permission.Action)).ToHashSet();
        Assert.Equal([], found.Except(expected));
        Assert.Equal([], expected.Except(found));
    }

    [Fact]
    public async Task Permissions_OfProduction_AreTheTableOfTheReadme()
    {
        var table = PermissionMatrix.Table(Production(await infra.FilesAsync(TestContext.Current.CancellationToken)));
        var readme = await File.ReadAllTextAsync(Path.Combine(InfraSources.Infra, "README.md"), TestContext.Current.CancellationToken);
        Assert.True(table == PermissionMatrix.Printed(readme), $"The table of infra/README.md should be:\n{table}");
    }

    [Theory]
    [MemberData(nameof(Widened))]
    public async Task Permissions_AssignmentIsWidened_DifferFromTheExpectedOnes(string name)
    {
        var planted = PlantedMistake.Widened.Single(widened => widened.Name == name);
        var actual = Production(await infra.FilesAsync(planted, TestContext.Current.CancellationToken));
        Assert.NotEmpty(actual.Select(permission => (permission.Principal, permission.Entity, permission.Action)).Except(Expected()));
    }

    [Fact]
    public async Task Permissions_WithoutPrincipals_AreTheRelaysAndItsPackagesOnly()
    {
        var program = infra.Deploy(await infra.FilesAsync(TestContext.Current.CancellationToken), "dev");
        var permissions = PermissionMatrix.Of(program, Principals(program));
        Assert.Equal([Packages, Relay], permissions.Select(permission => permission.Principal).Distinct());
        Assert.All(
            permissions.Where(permission => permission.Principal == Packages),
            permission => Assert.Equal("container app-package", permission.Entity));
    }

    // A right over a whole account reaches every container in it.
    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task Package_OfTheApp_LiesInNoAccountOfWhichTheRelayHasARight(string stage)
    {
        var program = infra.Deploy(await infra.FilesAsync(TestContext.Current.CancellationToken), stage);
        var principals = Principals(program);
        var reached = program.Resources
            .Where(resource => resource.Is("Microsoft.Authorization/roleAssignments") && resource.Scope is not null)
            .Where(assignment => principals.GetValueOrDefault(
                BicepFunctions.Text(assignment.Properties.GetValueOrDefault("principalId"))) == Relay)
            .Select(assignment => assignment.Scope!.Id)
            .ToList();
        var packages = program.Resources.Where(resource => resource.Name == "app-package").ToList();
        Assert.Equal(stage == "prod" ? 2 : 1, packages.Count);
        Assert.All(packages, package => Assert.DoesNotContain(
            reached, scope => package.Id.StartsWith(scope, StringComparison.Ordinal)));
        // The app takes its package from there, with the identity that may.
        var sites = program.Resources.Where(resource => resource.Is("Microsoft.Web/sites")).ToList();
        Assert.Equal(packages.Count, sites.Count);
    }

    // As in a trial: two assignments of one role to one principal on one entity are refused by Azure.
    [Fact]
    public async Task Permissions_OnePrincipalForEveryPart_AreAssignedOnce()
    {
        var files = await infra.FilesAsync(TestContext.Current.CancellationToken);
        var program = new BicepProgram(files, infra.Texts);
        program.Run("main.bicep", new Dictionary<string, object?>
        {
            ["environmentName"] = "test",
            ["location"] = "westeurope",
            ["delegationPrincipals"] = _topology.Delegations.ToDictionary(name => name, _ => (object?)"trial"),
            ["mediatorPrincipals"] = _topology.Mediators.ToDictionary(mediator => mediator.Name, _ => (object?)"trial"),
            ["operatorPrincipals"] = new List<object?> { "group" },
        });
        Assert.Empty(DeploymentChecks.Check(program));
        var permissions = PermissionMatrix.Of(program, new Dictionary<string, string>())
            .Where(permission => permission.Principal == "trial");
        Assert.Equal(_topology.Queues.Count + _topology.Delegations.Count + (2 * _topology.Mediators.Count), permissions.Count());
    }

    private IReadOnlyList<Permission> Production(IReadOnlyDictionary<string, BicepFile> files)
    {
        var program = infra.Deploy(files, "prod");
        return PermissionMatrix.Of(program, Principals(program));
    }

    private Dictionary<string, string> Principals(BicepProgram program)
    {
        var principals = new Dictionary<string, string> { ["environment RELAY_PRINCIPAL_OPERATORS"] = Operators };
        foreach (var identity in program.Resources.Where(resource => resource.Is("Microsoft.ManagedIdentity/userAssignedIdentities")))
        {
            var isOfPackages = identity.Name.StartsWith("id-relay-packages-", StringComparison.Ordinal);
            principals.Add($"<{identity.Type}/{identity.Name}.properties.principalId>", isOfPackages ? Packages : Relay);
        }

        foreach (var delegation in _topology.Delegations)
        {
            principals[$"environment RELAY_PRINCIPAL_{delegation.ToUpperInvariant()}"] = $"delegation {delegation}";
        }

        foreach (var mediator in _topology.Mediators)
        {
            principals[$"environment RELAY_PRINCIPAL_{mediator.Name.ToUpperInvariant()}"] = $"mediator {mediator.Name}";
        }

        return principals;
    }

    /// <summary>Least privilege, said once more in other words than the Bicep files': what is not here nobody may do.</summary>
    private IEnumerable<(string Principal, string Entity, string Action)> Expected()
    {
        foreach (var queue in _topology.Queues)
        {
            yield return (Relay, $"queue {queue.Name}", "receive");
            yield return (Relay, $"queue {queue.Name}", "send");
            foreach (var mediator in _topology.Mediators)
            {
                yield return ($"mediator {mediator.Name}", $"queue {queue.Name}", "send");
            }
        }

        foreach (var topic in _topology.AllTopics)
        {
            yield return (Relay, $"topic {topic.Name}", "send");
        }

        foreach (var delegation in _topology.Delegations)
        {
            yield return ($"delegation {delegation}", $"subscription delegation-{delegation}/inbox", "receive");
            // Dead letters lie there too; what the relay takes it could as well have not forwarded.
            yield return (Relay, $"subscription delegation-{delegation}/inbox", "receive");
        }

        foreach (var mediator in _topology.Mediators)
        {
            yield return ($"mediator {mediator.Name}", $"key mediator-{mediator.Name}", "sign");
            yield return ($"mediator {mediator.Name}", $"key mediator-{mediator.Name}", "read public key");
            yield return (Relay, $"key mediator-{mediator.Name}", "read public key");
        }

        yield return (Relay, "key relay-checkpoint", "sign");
        yield return (Relay, "key relay-checkpoint", "read public key");
        yield return (Relay, "container directory", "read");
        foreach (var action in (string[])["read", "write", "delete"])
        {
            yield return (Relay, "container ledger", action);
            yield return (Relay, "container prekeys", action);
            yield return (Relay, "container operators", action);
            yield return (Operators, "container operators", action);
            yield return (Packages, "container app-package", action);
            yield return (Operators, "container directory", action);
        }

        foreach (var action in (string[])["read", "write", "delete", "own"])
        {
            yield return (Relay, "host storage", action);
            yield return (Relay, "host storage of the standby", action);
        }

        yield return (Relay, "telemetry", "send telemetry");
        yield return (Operators, "subscription signals/all", "receive");
    }
}
