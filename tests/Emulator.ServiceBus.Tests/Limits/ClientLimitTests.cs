using System.Globalization;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Limits;

/// <summary>The rows of LIMITS.md by the official clients that check nothing before they send.</summary>
public sealed class ClientLimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task JavaScript_EveryRow_HoldsAtBothEdges()
    {
        await using var emulator = await StartAsync();
        var result = await NodeRunner.RunAsync(
            ["@azure/service-bus@7.9.5", "rhea@3.0.5"],
            "Node/limits.mjs",
            [emulator.ConnectionString, emulator.AdminConnectionString!],
            new Dictionary<string, string> { ["NODE_EXTRA_CA_CERTS"] = emulator.AdminCertificatePath! },
            Cancel);

        TestContext.Current.TestOutputHelper?.WriteLine(result.Output);
        result.AssertSucceeded();
        Assert.EndsWith("every limit holds", result.Output.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Python_EveryRow_HoldsAtBothEdges()
    {
        await using var emulator = await StartAsync();
        var result = await PythonRunner.RunAsync(
            "azure.servicebus",
            "python3-azure",
            "Python/limits.py",
            [emulator.AdminPort!.Value.ToString(CultureInfo.InvariantCulture), emulator.AdminCertificatePath!],
            new Dictionary<string, string> { ["REQUESTS_CA_BUNDLE"] = emulator.AdminCertificatePath! },
            Cancel);

        TestContext.Current.TestOutputHelper?.WriteLine(result.Output);
        result.AssertSucceeded();
        Assert.EndsWith("every limit holds", result.Output.Trim(), StringComparison.Ordinal);
    }

    private static Task<ServiceBusEmulator> StartAsync() =>
        ServiceBusEmulator.StartAsync(new ServiceBusEmulatorOptions { AmqpPort = 0, AdminPort = 0, Topology = SampleTopology.Create() }, Cancel);
}
