using System.Globalization;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests;

/// <summary>Clients in Python that nobody here wrote.</summary>
public sealed class PythonClientTests
{
    [Fact]
    public async Task AzureServiceBus_OlderOfficialSdk_AdministersSendsAndReceives()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, MaxMessageBytes = SampleTopology.LargeMessages, AdminPort = 0, Topology = SampleTopology.Create() }, TestContext.Current.CancellationToken);

        // Its two halves trust the certificate in two ways.
        var result = await PythonRunner.RunAsync(
            "azure.servicebus",
            "python3-azure",
            "Python/azure_servicebus.py",
            [emulator.AdminPort!.Value.ToString(CultureInfo.InvariantCulture), emulator.AdminCertificatePath!],
            new Dictionary<string, string> { ["REQUESTS_CA_BUNDLE"] = emulator.AdminCertificatePath! },
            TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(result.Output);
        result.AssertSucceeded();
    }

    [Fact]
    public async Task PlainAmqpClient_QpidProton_SendsReceivesSettlesAndIsRefusedProperly()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, MaxMessageBytes = SampleTopology.LargeMessages, Topology = SampleTopology.Create() }, TestContext.Current.CancellationToken);

        var result = await PythonRunner.RunAsync(
            "proton",
            "python3-qpid-proton",
            "Python/plain_amqp.py",
            ["127.0.0.1", emulator.AmqpEndpoint.Port.ToString(CultureInfo.InvariantCulture)],
            null,
            TestContext.Current.CancellationToken);

        result.AssertSucceeded();
        Assert.All(emulator.Snapshot().Entities, entity => Assert.Equal(0, entity.Active + entity.DeadLettered));
    }
}
