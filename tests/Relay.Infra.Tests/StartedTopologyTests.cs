using System.Text;
using System.Text.Json.Nodes;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Topology;
using Relay.Infra.Tests.Bicep;
using Relay.IntegrationTests;
using Relay.Local.Topology;
using Relay.Testing;

namespace Relay.Infra.Tests;

/// <summary>
/// A namespace started as Bicep declares it has the entities and settings of
/// topology.json, found out by sending, receiving and letting time pass. The same of
/// the local stack and of the generated Config.json: TopologyTests of Relay.IntegrationTests.
/// </summary>
public sealed class StartedTopologyTests(InfraFixture infra)
{
    // Far behind the clients' clock, so that their tokens outlive the time that
    // passes here; at a whole second, because AMQP tells times in milliseconds.
    private readonly ManualTimeProvider _clock = new(
        DateTimeOffset.FromUnixTimeSeconds((TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(365)).ToUnixTimeSeconds()));

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task Namespace_StartedAsBicepDeclaresIt_HasTheFilesEntitiesAndSettings(string stage)
    {
        var program = infra.Deploy(await infra.FilesAsync(TestContext.Current.CancellationToken), stage);
        Assert.True(NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(Declared(program)), out var declared, out var error), error);
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                AmqpPort = 0,
                Topology = declared,
                TimeProvider = _clock,
            }, TestContext.Current.CancellationToken);
        var file = RelayTopology.Load(Path.Combine(InfraSources.Infra, "topology.json"));
        var observed = await new ObservedNamespace(emulator, _clock).ReadAsync(file, TestContext.Current.CancellationToken);
        Assert.Equal(ObservedNamespace.Expected(file).Order(StringComparer.Ordinal), observed.Order(StringComparer.Ordinal));
    }

    /// <summary>Config.json's names are Bicep's with a capital.</summary>
    private static string Declared(BicepProgram program)
    {
        JsonArray Entities(string type, string under, Func<ResourceValue, JsonObject>? more = null) =>
        [
            .. program.Resources.Where(resource => resource.Is(type) && resource.Id.StartsWith(under, StringComparison.Ordinal)).Select(
                resource =>
            {
                var entity = more?.Invoke(resource) ?? [];
                entity["Name"] = resource.Name;
                entity["Properties"] = new JsonObject(
                    resource.Properties.Where(setting => setting.Value is not null && !IsOfTheCloud(setting.Key)).Select(setting =>
                    KeyValuePair.Create<string, JsonNode?>(
                        $"{char.ToUpperInvariant(setting.Key[0])}{setting.Key[1..]}", Value(setting.Value))));
                return entity;
            }),
        ];
        var topics = Entities(
            "Microsoft.ServiceBus/namespaces/topics",
            "/",
            topic => new JsonObject
            {
                ["Subscriptions"] = Entities("Microsoft.ServiceBus/namespaces/topics/subscriptions", $"{topic.Id}/"),
            });
        var space = new JsonObject
        {
            ["Name"] = "sbemulatorns",
            ["Queues"] = Entities("Microsoft.ServiceBus/namespaces/queues", "/"),
            ["Topics"] = topics,
        };
        return new JsonObject
        {
            ["UserConfig"] = new JsonObject
            {
                ["Namespaces"] = new JsonArray(space),
                ["Logging"] = new JsonObject { ["Type"] = "Console" },
            },
        }.ToJsonString();
    }

    private static bool IsOfTheCloud(string setting) => setting is "maxSizeInMegabytes" or "enableBatchedOperations" or "supportOrdering";

    private static JsonValue? Value(object? value) => value switch
    {
        bool flag => JsonValue.Create(flag),
        long number => JsonValue.Create(number),
        _ => JsonValue.Create(BicepFunctions.Text(value)),
    };
}
