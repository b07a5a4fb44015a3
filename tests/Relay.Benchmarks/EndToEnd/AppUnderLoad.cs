using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Relay.Benchmarks.Bus;
using Relay.Cli;

namespace Relay.Benchmarks.EndToEnd;

/// <summary>A function app under load: a broker, a Functions host and the app's worker, each in a process of its own.</summary>
internal sealed class AppUnderLoad : IAsyncDisposable
{
    private readonly OwnBroker _broker;
    private readonly Process _host;
    private readonly Process _worker;

    private AppUnderLoad(string name, OwnBroker broker, Process host, Process worker, int startMilliseconds, Uri http)
    {
        Name = name;
        _broker = broker;
        _host = host;
        _worker = worker;
        StartMilliseconds = startMilliseconds;
        Http = http;
        Bus = new ServiceBusClient(broker.ConnectionString);
    }

    public string Name { get; }

    public ServiceBusClient Bus { get; }

    public string ConnectionString => _broker.ConnectionString;

    /// <summary>From nothing to functions that take messages, worker included.</summary>
    public int StartMilliseconds { get; }

    public int WorkerId => _worker.Id;

    /// <summary>Where its host listens, ending in a slash.</summary>
    public Uri Http { get; }

    /// <param name="name">To print.</param>
    /// <param name="app">Folder of the built app, beside this program.</param>
    /// <param name="settings">Its app settings, without the bus.</param>
    /// <param name="folder">For the settings' file.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<AppUnderLoad> StartAsync(
        string name, string app, Dictionary<string, string?> settings, string folder, CancellationToken cancellationToken)
    {
        var broker = await OwnBroker.StartAsync(inMemory: false, BenchTopology.Relay, cancellationToken);
        settings["ServiceBus"] = broker.ConnectionString;
        var file = Path.Combine(folder, $"{name}.json");
        await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(settings), cancellationToken);
        string[] arguments = [OwnBroker.Program, "host", Path.Combine(AppContext.BaseDirectory, app), file];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var host = Process.Start(start)!;
        if (await host.StandardOutput.ReadLineAsync(cancellationToken) is not { } line)
        {
            await broker.DisposeAsync();
            throw new CliFault($"The host of {name} ended.", "What it printed says why.");
        }

        var words = line.Split(' ');
        int Number(int at) => int.Parse(words[at], CultureInfo.InvariantCulture);
        return new AppUnderLoad(name, broker, host, Process.GetProcessById(Number(0)), Number(1), new Uri(words[2]));
    }

    /// <summary>Processor time used so far.</summary>
    public ProcessorTimes Used()
    {
        _host.Refresh();
        _worker.Refresh();
        return new ProcessorTimes(_broker.ProcessorTime(), _host.TotalProcessorTime, _worker.TotalProcessorTime);
    }

    /// <summary>Resident MiB of broker, host and worker now.</summary>
    public string MemoryNow()
    {
        _host.Refresh();
        _worker.Refresh();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_broker.MemoryBytes().Now >> 20} / {_host.WorkingSet64 >> 20} / {_worker.WorkingSet64 >> 20}");
    }

    /// <summary>Resident MiB of broker, host and worker, at most so far.</summary>
    public string Memory()
    {
        _host.Refresh();
        _worker.Refresh();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_broker.MemoryBytes().Peak >> 20} / {_host.PeakWorkingSet64 >> 20} / {_worker.PeakWorkingSet64 >> 20}");
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        _host.StandardInput.Close();
        await _host.WaitForExitAsync(CancellationToken.None);
        _host.Dispose();
        _worker.Dispose();
        await _broker.DisposeAsync();
    }
}
