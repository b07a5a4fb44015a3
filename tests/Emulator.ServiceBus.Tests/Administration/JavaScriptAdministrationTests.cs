using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Administration;

/// <summary>The official JavaScript clients, unmodified, on the admin port.</summary>
public sealed class JavaScriptAdministrationTests
{
    private static readonly string[] Packages = ["@azure/service-bus@7.9.5", "rhea@3.0.5", "ws@8.18.0"];

    [Fact]
    public async Task Clients_EveryPublicOperation_Works()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, MaxMessageBytes = SampleTopology.LargeMessages, AdminPort = 0, Topology = new() { Queues = [new QueueSettings { Name = "declared" }] } },
            TestContext.Current.CancellationToken);

        var result = await NodeRunner.RunAsync(
            Packages, "Node/public-api.mjs", [emulator.ConnectionString, emulator.AdminConnectionString!], Trust(emulator), TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(result.Output);
        result.AssertSucceeded();
        Assert.Equal("declared", Assert.Single(emulator.Snapshot().Entities).Path);
    }

    [Fact]
    public async Task Client_OverWebSockets_SendsAndReceives()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, MaxMessageBytes = SampleTopology.LargeMessages, AdminPort = 0, Topology = SampleTopology.Create() }, TestContext.Current.CancellationToken);

        var result = await NodeRunner.RunAsync(
            Packages, "Node/web-sockets.mjs", [emulator.AdminConnectionString!], Trust(emulator), TestContext.Current.CancellationToken);

        result.AssertSucceeded();
        await TestDeadline.Until(() => emulator.Snapshot().Connections == 0, "the WebSocket's connection is forgotten");
    }

    /// <summary>The certificate is the one root these clients are given.</summary>
    private static Dictionary<string, string> Trust(ServiceBusEmulator emulator) => new() { ["NODE_EXTRA_CA_CERTS"] = emulator.AdminCertificatePath! };
}
