using Azure.Security.KeyVault.Keys;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Topology;
using Relay.Cli;
using Relay.Cli.Commands;
using Relay.Local;
using Relay.Local.Topology;
using Relay.Protocol.Negotiations;
using Relay.Testing;
using Spectre.Console;

namespace Relay.IntegrationTests;

/// <summary>
/// A running local stack, and an emulator given the generated Config.json,
/// have the entities and settings of infra/topology.json. That Bicep
/// declares the same is checked where Bicep is read: TopologyTests of Relay.Infra.Tests.
/// </summary>
public sealed class TopologyTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-topology-").FullName;

    // Far behind the clients' clock, so that their tokens outlive the time that
    // passes here; at a whole second, because AMQP tells times in milliseconds.
    private readonly ManualTimeProvider _clock = new(
        DateTimeOffset.FromUnixTimeSeconds((TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(365)).ToUnixTimeSeconds()));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task LocalStack_Started_HasTheFilesEntitiesAndSettings()
    {
        var topology = File();
        var options = await OptionsAsync();
        await using var stack = await LocalStack.StartAsync(options, null, Cancel);
        Assert.Equal(Paths(topology), Paths(stack.Bus));
        var vault = LocalVault.Open(stack.Endpoints, "topology-tests", _clock);
        foreach (var key in topology.AllKeys)
        {
            KeyVaultKey made = await vault.GetKeyAsync(key.Name, cancellationToken: Cancel);
            Assert.Equal(
                (key.Curve, string.Join(' ', key.Operations)), (made.Key.CurveName.ToString(), string.Join(' ', made.KeyOperations)));
        }

        Assert.True(
            NegotiationDocument.TryParse(
                await System.IO.File.ReadAllBytesAsync(LocalDirectory.PathOf(_folder, options.Negotiation), Cancel),
                out var document,
                out _));
        Assert.Equal(topology.Quorum, document.Quorum.Quorum);
        Assert.Equal(
            topology.Mediators.Select(mediator => (mediator.Name, mediator.Weight)).Order(),
            document.Mediators.Values.Select(mediator => (mediator.Name, mediator.Weight)).Order());
        Assert.Equal(
            topology.Delegations.Select(name => (name, topology.DelegationTopic.For(name).Name)).Order(),
            document.Delegations.Values.Select(delegation => (delegation.Name, delegation.Topic)).Order());
        Assert.Equal(ObservedNamespace.Expected(topology), await new ObservedNamespace(stack.Bus, _clock).ReadAsync(topology, Cancel));
    }

    [Fact]
    public async Task Emulator_StartedFromTheCommandsConfig_HasTheFilesEntitiesAndSettings()
    {
        var topology = File();
        await using var emulator = await StartAsync(await GenerateAsync("cloud"));
        Assert.Equal(Paths(topology), Paths(emulator));
        Assert.Equal(ObservedNamespace.Expected(topology), await new ObservedNamespace(emulator, _clock).ReadAsync(topology, Cancel));
    }

    [Fact]
    public async Task Emulator_StartedFromTheOfficialEmulatorsConfig_DiffersByThatEmulatorsLimitsOnly()
    {
        var within = WithinOfficialLimits(File());
        await using var emulator = await StartAsync(await GenerateAsync("official"));
        Assert.Equal(Paths(within), Paths(emulator));
        Assert.Equal(ObservedNamespace.Expected(within), await new ObservedNamespace(emulator, _clock).ReadAsync(within, Cancel));
    }

    // What the tests above rest on: each setting is seen, whatever it is.
    [Fact]
    public async Task ObservedNamespace_OfOtherSettings_SeesEachOfThem()
    {
        var topology = File();
        var inbox = topology.DelegationTopic.Subscriptions[0];
        var queue = topology.Queues[0];
        var changed = topology with
        {
            Delegations = ["norway"],
            Queues =
            [
                queue with { Name = "lock", LockDuration = TimeSpan.FromSeconds(30) },
                queue with { Name = "deliveries", MaxDeliveryCount = 3 },
                queue with { Name = "life", DefaultMessageTimeToLive = TimeSpan.FromDays(7) },
                queue with { Name = "expiry", DeadLetteringOnMessageExpiration = !queue.DeadLetteringOnMessageExpiration },
                queue with { Name = "duplicates", RequiresDuplicateDetection = !queue.RequiresDuplicateDetection },
                queue with { Name = "session", RequiresSession = !queue.RequiresSession },
            ],
            DelegationTopic = topology.DelegationTopic with
            {
                DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(7),
                Subscriptions =
                [
                    inbox with
                    {
                        LockDuration = TimeSpan.FromSeconds(90),
                        MaxDeliveryCount = 4,
                        DefaultMessageTimeToLive = TimeSpan.FromDays(2),
                        DeadLetteringOnMessageExpiration = !inbox.DeadLetteringOnMessageExpiration,
                    },
                ],
            },
        };
        await using var emulator = await StartAsync(
            System.Text.Encoding.UTF8.GetBytes(changed.ToEmulatorConfig(EmulatorLimits.Cloud).Json));
        var observed = await new ObservedNamespace(emulator, _clock).ReadAsync(changed, Cancel);
        Assert.Equal(ObservedNamespace.Expected(changed), observed);
        var unchanged = ObservedNamespace.Expected(topology)[0]["envelopes".Length..];
        Assert.All(
            observed.Take(changed.Queues.Count), line => Assert.NotEqual(unchanged, line[line.IndexOf(' ', StringComparison.Ordinal)..]));
    }

    [Fact]
    public async Task ObservedNamespace_OfTimesThatAreNotSupposed_SaysSo()
    {
        var topology = File() with { Delegations = ["norway"], Queues = [], Topics = [] };
        await using var emulator = await StartAsync(
            System.Text.Encoding.UTF8.GetBytes(topology.ToEmulatorConfig(EmulatorLimits.Cloud).Json));
        var other = topology.DelegationTopic with
        {
            DefaultMessageTimeToLive = TimeSpan.FromDays(3),
            DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(11),
        };
        var observed = Assert.Single(
            await new ObservedNamespace(emulator, _clock).ReadAsync(topology with { DelegationTopic = other }, Cancel));
        Assert.Contains("life=not 3.00:00:00", observed, StringComparison.Ordinal);
        Assert.EndsWith("duplicates=not 00:11:00", observed, StringComparison.Ordinal);
    }

    private static RelayTopology File()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder!.FullName, "Relay.sln")))
        {
            folder = folder.Parent;
        }

        return RelayTopology.Load(Path.Combine(folder.FullName, "infra", "topology.json"));
    }

    // The app would take what is sent to the queues before it can be looked at.
    private async Task<LocalStackOptions> OptionsAsync()
    {
        var settings = Path.Combine(_folder, "local.settings.json");
        await System.IO.File.WriteAllTextAsync(
            settings,
            """{ "Values": { "AzureWebJobs.RelayEnvelope.Disabled": "true", "AzureWebJobs.RelayUrgentEnvelope.Disabled": "true" } }""",
            Cancel);
        return new LocalStackOptions
        {
            StateFolder = _folder,
            LocalSettingsPath = settings,
            AmqpPort = 0,
            VaultPort = 0,
            HttpPort = 0,
            HttpsPort = 0,
            TimeProvider = _clock,
        };
    }

    private async Task<byte[]> GenerateAsync(string limits)
    {
        var path = Path.Combine(_folder, "Config.json");
        var quiet = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        Assert.Equal(
            0,
            await RelayCommand.RunAsync(
                ["topology", "config", "--limits", limits, "--out", path], new Terminal(quiet, quiet, Stream.Null, _clock), Cancel));
        return await System.IO.File.ReadAllBytesAsync(path, Cancel);
    }

    private Task<ServiceBusEmulator> StartAsync(byte[] config)
    {
        Assert.True(NamespaceTopology.TryParse(config, out var topology, out var error), error);
        return ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, Topology = topology, TimeProvider = _clock }, Cancel);
    }

    private static RelayTopology WithinOfficialLimits(RelayTopology topology)
    {
        var hour = TimeSpan.FromHours(1);
        var fiveMinutes = TimeSpan.FromMinutes(5);
        return topology with
        {
            Queues = [.. topology.Queues.Select(queue => queue with { DefaultMessageTimeToLive = hour })],
            Topics =
            [
                .. topology.Topics.Select(
                    topic => topic with
                    {
                        Subscriptions =
                        [
                            .. topic.Subscriptions.Select(subscription => subscription with { DefaultMessageTimeToLive = hour }),
                        ],
                    }),
            ],
            DelegationTopic = topology.DelegationTopic with
            {
                DuplicateDetectionHistoryTimeWindow = fiveMinutes,
                DefaultMessageTimeToLive = hour,
            },
        };
    }

    private static IEnumerable<(string Path, EntityKind Kind)> Paths(ServiceBusEmulator emulator) =>
        emulator.Snapshot().Entities.Select(entity => (entity.Path, entity.Kind));

    private static IEnumerable<(string Path, EntityKind Kind)> Paths(RelayTopology topology) =>
    [
        .. topology.Queues.Select(queue => (queue.Name, EntityKind.Queue)),
        .. topology.AllTopics.SelectMany(topic =>
            topic.Subscriptions.Select(subscription => ($"{topic.Name}/Subscriptions/{subscription.Name}", EntityKind.Subscription))
                .Prepend((topic.Name, EntityKind.Topic))),
    ];
}
