using Relay.Testing;

namespace Emulator.ServiceBus.Tests;

/// <summary>The official JavaScript client, unmodified, against the emulator.</summary>
public sealed class JavaScriptClientTests
{
    private static readonly string[] Packages = ["@azure/service-bus@7.9.5", "rhea@3.0.5"];

    [Fact]
    public async Task ServiceBusClient_EveryCheckOfTheScript_Passes()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, MaxMessageBytes = SampleTopology.LargeMessages, Topology = SampleTopology.Create() },
            TestContext.Current.CancellationToken);

        var result = await NodeRunner.RunAsync(Packages, "Node/service-bus.mjs", [emulator.ConnectionString], null, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(result.Output);
        result.AssertSucceeded();
        Assert.All(emulator.Snapshot().Entities, entity => Assert.Equal((0, 0), (entity.Scheduled, entity.Deferred)));
    }

    [Fact]
    public async Task PlainAmqpClient_Rhea_SendsReceivesAndIsRefusedProperly()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, MaxMessageBytes = SampleTopology.LargeMessages, Topology = SampleTopology.Create() },
            TestContext.Current.CancellationToken);

        var port = emulator.AmqpEndpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var result = await NodeRunner.RunAsync(Packages, "Node/rhea.mjs", ["127.0.0.1", port], null, TestContext.Current.CancellationToken);

        result.AssertSucceeded();
        Assert.Equal(0, emulator.Snapshot().Entities[0].Active);
    }

    [Fact]
    public async Task ServiceBusClient_StrictMode_WrongKeyIsUnauthorizedAndRightKeyWorks()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                AmqpPort = 0,
                Topology = SampleTopology.Create(),
                SharedAccessKeys = new Dictionary<string, string> { ["Root"] = "right" },
            },
            TestContext.Current.CancellationToken);
        var wrong = emulator.ConnectionString.Replace("SharedAccessKey=right", "SharedAccessKey=wrong", StringComparison.Ordinal);

        var result = await NodeRunner.RunAsync(Packages, "Node/strict.mjs", [emulator.ConnectionString, wrong], null, TestContext.Current.CancellationToken);

        result.AssertSucceeded();
    }
}
