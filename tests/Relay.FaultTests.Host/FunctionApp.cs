using System.Text.Json;
using Emulator.FunctionsHost;
using Microsoft.Extensions.Logging;
using Relay.Local;

namespace Relay.FaultTests.Host;

/// <summary>The function app as the local stack runs it, bus and vault being elsewhere.</summary>
internal static class FunctionApp
{
    public static async Task RunAsync(string settingsPath)
    {
        var settings = JsonSerializer.Deserialize<Dictionary<string, string?>>(await File.ReadAllBytesAsync(settingsPath))!;
        using var loggers = LoggerFactory.Create(static logging => logging
            .SetMinimumLevel(LogLevel.Warning)
            // Which worker runs.
            .AddFilter("Emulator.FunctionsHost.Worker.WorkerSupervisor", LogLevel.Information)
            .AddSimpleConsole(console => console.SingleLine = true));
        await using var identity = await LocalIdentity.StartAsync("relay", TimeProvider.System, loggers, CancellationToken.None);
        foreach (var (name, value) in LocalWorker.Settings(identity, loggers)) settings.TryAdd(name, value);
        await using var host = await FunctionsHost.StartAsync(
            new FunctionsHostOptions { AppFolder = LocalWorker.DefaultFolder, Settings = settings, LoggerFactory = loggers, LongestRestartDelay = TimeSpan.FromSeconds(1) },
            CancellationToken.None);
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
    }
}
