using Relay.Infra.Tests.Bicep;
using Relay.Local.Topology;

namespace Relay.Infra.Tests;

/// <summary>What an operator relies on: closed networks, logs of everything, alerts that call somebody, a second region.</summary>
public sealed class OperationsTests(InfraFixture infra)
{
    private static readonly Dictionary<string, (string Group, string Zone)> Endpoints = new()
    {
        ["Microsoft.ServiceBus/namespaces"] = ("namespace", "privatelink.servicebus.windows.net"),
        ["Microsoft.KeyVault/vaults"] = ("vault", "privatelink.vaultcore.azure.net"),
        ["Microsoft.Storage/storageAccounts"] = ("blob", "privatelink.blob.core.windows.net"),
    };

    [Fact]
    public async Task Production_BusVaultAndStorage_AreReachedOnlyThroughPrivateEndpoints()
    {
        var program = await DeployAsync("prod");
        foreach (var (type, (group, zone)) in Endpoints)
        {
            foreach (var resource in program.Resources.Where(resource => resource.Is(type)))
            {
                Assert.Equal("Disabled", resource.Properties["publicNetworkAccess"]);
                var endpoints = PrivateEndpoints(program)
                    .Where(endpoint => Connection(endpoint)["privateLinkServiceId"] as string == resource.Id)
                    .ToList();
                // The host's storage is of one region; what both regions share is reached from both.
                Assert.Equal(resource.Name[..3] is "sth" or "stk" or "stp" or "stq" ? 1 : 2, endpoints.Count);
                foreach (var endpoint in endpoints)
                {
                    Assert.Equal(group, Assert.Single((List<object?>)Connection(endpoint)["groupIds"]!));
                    var record = Assert.Single(
                        program.Resources,
                        other =>
                            other.Is("Microsoft.Network/privateEndpoints/privateDnsZoneGroups")
                                && other.Id.StartsWith($"{endpoint.Id}/", StringComparison.Ordinal));
                    var config = (Dictionary<string, object?>)((List<object?>)record.Properties["privateDnsZoneConfigs"]!)[0]!;
                    var zoneId = (string)((Dictionary<string, object?>)config["properties"]!)["privateDnsZoneId"]!;
                    Assert.EndsWith($"/{zone}", zoneId, StringComparison.Ordinal);
                    // A record in the other region's zone would be seen from the other network only.
                    Assert.StartsWith(GroupOf(endpoint.Id), zoneId, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public async Task Standard_PrivateNetwork_LeavesTheBusReachableAndClosesTheRest()
    {
        var files = await infra.FilesAsync(TestContext.Current.CancellationToken);
        var program = new BicepProgram(files, infra.Texts);
        program.Run("main.bicep", new Dictionary<string, object?>
        {
            ["environmentName"] = "test",
            ["location"] = "westeurope",
            ["busTier"] = "Standard",
            ["privateNetwork"] = true,
        });
        Assert.Empty(program.Mistakes);
        Assert.Equal(
            "Enabled",
            program.Resources.Single(resource => resource.Is("Microsoft.ServiceBus/namespaces")).Properties["publicNetworkAccess"]);
        Assert.All(
            program.Resources.Where(
                resource => resource.Is("Microsoft.KeyVault/vaults") || resource.Is("Microsoft.Storage/storageAccounts")),
            resource => Assert.Equal("Disabled", resource.Properties["publicNetworkAccess"]));
        Assert.DoesNotContain(
            PrivateEndpoints(program),
            endpoint => ((string)Connection(endpoint)["privateLinkServiceId"]!).Contains("ServiceBus", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Production_EveryServiceThatLogs_SendsItsLogsToTheWorkspace()
    {
        var program = await DeployAsync("prod");
        var workspace = program.Resources.Single(resource => resource.Is("Microsoft.OperationalInsights/workspaces"));
        string[] types = ["Microsoft.ServiceBus/namespaces", "Microsoft.KeyVault/vaults", "Microsoft.Web/sites"];
        var logging = program.Resources
            .Where(
                resource =>
                    types.Contains(resource.Type)
                        || (
                            resource.Is("Microsoft.Storage/storageAccounts/blobServices")
                                && resource.Id.Contains("/std", StringComparison.Ordinal)))
            .ToList();
        Assert.Equal(5, logging.Count);
        Assert.All(logging, resource => Assert.Equal(
            workspace.Id,
            Assert.Single(
                program.Resources,
                other => other.Is("Microsoft.Insights/diagnosticSettings") && other.ScopeId == resource.Id).Properties["workspaceId"]));
    }

    [Fact]
    public async Task Production_Alerts_CoverTheListAndCallTheActionGroup()
    {
        var program = await DeployAsync("prod");
        var group = program.Resources.Single(resource => resource.Is("Microsoft.Insights/actionGroups")).Id;
        var alerts = program.Resources
            .Where(resource => resource.Is("Microsoft.Insights/metricAlerts") || resource.Is("Microsoft.Insights/scheduledQueryRules"))
            .ToDictionary(alert => alert.Name["relay-prod-".Length..]);
        var topology = RelayTopology.Load(Path.Combine(InfraSources.Infra, "topology.json"));
        string[] expected =
        [
            "dead-letters", .. topology.Queues.Select(queue => $"backlog-{queue.Name}"), "bus-throttling", "bus-load", "vault-throttling",
            "key-expiry", "store-operations", "health",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), alerts.Keys.Order(StringComparer.Ordinal));
        Assert.All(alerts.Values, alert => Assert.Contains(group, Strings(alert.Properties["actions"])));
        Assert.All(alerts.Values, alert => Assert.Equal(true, alert.Properties["enabled"]));
    }

    [Fact]
    public async Task Production_AlertOnStoreOperations_AsksForInstrumentsThatTheRelayHas()
    {
        var program = await DeployAsync("prod");
        var alert = program.Resources.Single(resource => resource.Name == "relay-prod-store-operations");
        var query = Assert.Single(Strings(alert.Properties["criteria"]), text => text.StartsWith("AppMetrics", StringComparison.Ordinal));
        var telemetry = await File.ReadAllTextAsync(
            Path.Combine(InfraSources.Root, "src", "Relay.Core", "Diagnostics", "RelayTelemetry.cs"),
            TestContext.Current.CancellationToken);
        Assert.All(
            ["relay.store.operations", "relay.envelope.duration", "relay.store.operation", "write"],
            name => Assert.True(query.Contains($"\"{name}\"") && telemetry.Contains($"\"{name}\""), name));
    }

    [Fact]
    public async Task Production_AvailabilityTest_AsksForARouteOfTheApp()
    {
        var program = await DeployAsync("prod");
        var url = Strings(
            program.Resources.Single(resource => resource.Is("Microsoft.Insights/webtests")).Properties["Request"])
            .Single(text => text.StartsWith("https://", StringComparison.Ordinal));
        var code = Directory.EnumerateFiles(Path.Combine(InfraSources.Root, "src", "Relay.Functions"), "*.cs").Select(File.ReadAllText);
        Assert.Contains(code, text => text.Contains($"Route = \"{url.Split("/api/")[1]}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Production_SecondRegion_HasAStoppedAppAndCopiesOfTheData()
    {
        var program = await DeployAsync("prod");
        var sites = program.Resources.Where(resource => resource.Is("Microsoft.Web/sites"))
            .ToDictionary(site => (string)site.Body["location"]!);
        Assert.Equal(true, sites["westeurope"].Properties["enabled"]);
        Assert.Equal(false, sites["northeurope"].Properties["enabled"]);
        var bus = program.Resources.Single(resource => resource.Is("Microsoft.ServiceBus/namespaces"));
        Assert.Equal(["westeurope", "Primary", "northeurope", "Secondary"], Strings(bus.Properties["geoDataReplication"]));
        var data = program.Resources.Single(
            resource => resource.Is("Microsoft.Storage/storageAccounts") && resource.Name.StartsWith("std", StringComparison.Ordinal));
        Assert.Equal(["Standard_GZRS"], Strings(data.Body["sku"]));
    }

    [Fact]
    public async Task Development_OneRegion_HasNothingOfASecond()
    {
        var program = await DeployAsync("dev");
        var places = program.Resources.Where(resource => resource.Body.ContainsKey("location"))
            .Select(resource => resource.Body["location"]);
        Assert.All(places, place => Assert.Contains(place, (object[])["westeurope", "global"]));
        Assert.Null(program.Resources.Single(resource => resource.Is("Microsoft.ServiceBus/namespaces")).Properties["geoDataReplication"]);
        Assert.DoesNotContain(program.Resources, resource => resource.Type.StartsWith("Microsoft.Network/", StringComparison.Ordinal));
    }

    private async Task<BicepProgram> DeployAsync(string stage) =>
        infra.Deploy(await infra.FilesAsync(TestContext.Current.CancellationToken), stage);

    private static IEnumerable<ResourceValue> PrivateEndpoints(BicepProgram program) =>
        program.Resources.Where(resource => resource.Is("Microsoft.Network/privateEndpoints"));

    private static Dictionary<string, object?> Connection(ResourceValue endpoint) =>
        (Dictionary<string, object?>)(
            (Dictionary<string, object?>)((List<object?>)endpoint.Properties["privateLinkServiceConnections"]!)[0]!)["properties"]!;

    private static string GroupOf(string id) => string.Join('/', id.Split('/').Take(5)) + "/";

    private static List<string> Strings(object? value) => value switch
    {
        string text => [text],
        Dictionary<string, object?> map => map.Values.SelectMany(Strings).ToList(),
        List<object?> list => list.SelectMany(Strings).ToList(),
        _ => [],
    };
}
