using System.Text.Json;
using Azure.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Emulator.Functions;
using Relay.Functions;
using Relay.Local;

namespace Relay.FaultTests.Host;

/// <summary>The function app as the local stack runs it, bus and vault being elsewhere.</summary>
internal static class FunctionApp
{
    public static async Task RunAsync(string settingsPath)
    {
        var settings = JsonSerializer.Deserialize<Dictionary<string, string?>>(await File.ReadAllBytesAsync(settingsPath))!;
        await using var host = await FunctionsHost.StartAsync(
            new FunctionsHostOptions
            {
                FunctionAssembly = typeof(RelayApplication).Assembly,
                HostJsonPath = Path.Combine(AppContext.BaseDirectory, "host.json"),
                Settings = settings,
                Configure = static (worker, configuration) => worker.AddRelay(configuration),
                ConfigureServices = static services =>
                {
                    services.TryAddSingleton(TimeProvider.System);
                    services.TryAddSingleton<TokenCredential>(new LocalCredential("relay", TimeProvider.System));
                },
                ConfigureLogging = static logging => logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true),
            },
            CancellationToken.None);
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
    }
}
