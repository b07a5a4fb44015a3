using System.Globalization;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests;

/// <summary>
/// Messages over the namespace's limit, sent by clients nobody here wrote: they learn why at once, and their links live on.
/// </summary>
public sealed class MessageSizeTests
{
    [Fact]
    public async Task Send_OverTheLimit_IsReportedAsMessageSizeExceededAndTheSenderGoesOn()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, MaxMessageBytes = SampleTopology.LargeMessages, Topology = SampleTopology.Create() },
            TestContext.Current.CancellationToken);

        var port = emulator.AmqpEndpoint.Port.ToString(CultureInfo.InvariantCulture);
        var result = await NodeRunner.RunAsync(
            ["@azure/service-bus@7.9.5", "rhea@3.0.5"], "Node/too-large.mjs", [emulator.ConnectionString, "127.0.0.1", port], null, TestContext.Current.CancellationToken);

        result.AssertSucceeded();
        Assert.Equal("refused as it should be", result.Output.Trim());
    }
}
