using System.Globalization;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Limits;

/// <summary>The rows of LIMITS.md by the official clients that check nothing before they send.</summary>
public sealed class ClientLimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Node/limits.mjs")]
    [InlineData("Node/setting-limits.mjs")]
    public async Task JavaScript_EveryRow_HoldsAtBothEdges(string script)
    {
        await using var emulator = await StartAsync();
        AssertHolds(await NodeRunner.RunAsync(
            ["@azure/service-bus@7.9.5", "rhea@3.0.5"],
            script,
            [emulator.ConnectionString, emulator.AdminConnectionString!, SettingRow.Json],
            new Dictionary<string, string> { ["NODE_EXTRA_CA_CERTS"] = emulator.AdminCertificatePath! },
            Cancel));
    }

    [Theory]
    [InlineData("Python/limits.py")]
    [InlineData("Python/setting_limits.py")]
    public async Task Python_EveryRow_HoldsAtBothEdges(string script)
    {
        await using var emulator = await StartAsync();
        AssertHolds(await PythonRunner.RunAsync(
            "azure.servicebus",
            "python3-azure",
            script,
            [emulator.AdminPort!.Value.ToString(CultureInfo.InvariantCulture), emulator.AdminCertificatePath!, SettingRow.Json],
            new Dictionary<string, string> { ["REQUESTS_CA_BUNDLE"] = emulator.AdminCertificatePath! },
            Cancel));
    }

    private static void AssertHolds(NodeResult result)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(result.Output);
        result.AssertSucceeded();
        Assert.EndsWith("every limit holds", result.Output.Trim(), StringComparison.Ordinal);
    }

    private static Task<ServiceBusEmulator> StartAsync() =>
        ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, AdminPort = 0, Topology = SampleTopology.Create() }, Cancel);
}
