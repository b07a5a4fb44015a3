using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Emulator.FunctionsHost;
using Microsoft.Extensions.Logging;
using Relay.Benchmarks.EndToEnd;
using Relay.Cli;
using Relay.Local;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary>
/// The process that <see cref="AppUnderLoad"/> starts: a Functions host for itself, whose processor time is told from the broker's.
/// </summary>
internal static class HostCommand
{
    public static Command Create(Terminal terminal)
    {
        var app = new Argument<string>("app");
        var settings = new Argument<string>("settings");
        const string Does =
            "A Functions host that prints its worker's process id, the start's milliseconds and its address, and runs until standard input ends.";
        var command = new Command("host", Does) { app, settings };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetRequiredValue(app), parsed.GetRequiredValue(settings), terminal, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string app, string settingsPath, Terminal terminal, CancellationToken cancellationToken)
    {
        var settings = JsonSerializer.Deserialize<Dictionary<string, string?>>(
            await File.ReadAllBytesAsync(settingsPath, cancellationToken))!;
        // Standard output is for the one line; the worker logs nothing below a warning, as in production it would not to a console.
        using var loggers = LoggerFactory.Create(static logging => logging
            .SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.None)
            .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var identity = await LocalIdentity.StartAsync("relay", terminal.Time, loggers, cancellationToken);
        foreach (var (name, value) in LocalWorker.Settings(identity, loggers)) settings.TryAdd(name, value);
        var started = terminal.Time.GetTimestamp();
        await using var host = await FunctionsHost.StartAsync(
            new FunctionsHostOptions { AppFolder = app, Settings = settings, LoggerFactory = loggers }, cancellationToken);
        var took = terminal.Time.GetElapsedTime(started).TotalMilliseconds;
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{host.WorkerProcessId} {took:0} {host.HttpAddress}"));
        await Console.In.ReadToEndAsync(cancellationToken);
        return 0;
    }
}
