using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using Relay.Cli;

namespace Relay.Benchmarks.Bus;

/// <summary>Our broker in a process of its own, with a fresh state folder, so that its memory and its core are not the client's.</summary>
internal sealed class OwnBroker : IAsyncDisposable
{
    private const string Memory = "memory";

    private readonly string? _folder;
    private readonly string[] _arguments;
    private Process _process;

    private OwnBroker(string? folder, string[] arguments, Process process, string connectionString)
    {
        _folder = folder;
        _arguments = arguments;
        _process = process;
        ConnectionString = connectionString;
    }

    /// <summary>This program, to be started again with another command.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "Relay.Benchmarks.dll");

    public string ConnectionString { get; private set; }

    /// <summary>Bytes of the journal's files; 0 in memory.</summary>
    public long FileBytes => _folder is null ? 0 : new DirectoryInfo(_folder).EnumerateFiles().Sum(file => file.Length);

    /// <param name="inMemory">Without a journal.</param>
    /// <param name="topology">What <see cref="BenchTopology"/> makes entities from.</param>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    public static async Task<OwnBroker> StartAsync(bool inMemory, string topology, CancellationToken cancellationToken)
    {
        var folder = inMemory ? null : Directory.CreateTempSubdirectory("relay-bench-").FullName;
        string[] arguments = ["broker", folder ?? Memory, topology];
        var (process, connectionString) = await StartAsync(arguments, cancellationToken);
        return new OwnBroker(folder, arguments, process, connectionString);
    }

    /// <summary>The state folder in the arguments of the process.</summary>
    public static string? FolderOf(string argument) => argument == Memory ? null : argument;

    /// <summary>The queue as plain AMQP clients address it.</summary>
    public BusAddress Address(string queue)
    {
        var endpoint = ServiceBusConnectionStringProperties.Parse(ConnectionString).Endpoint;
        return new BusAddress(endpoint.Host, endpoint.Port, queue, null, null);
    }

    /// <summary>Resident bytes now and at most so far.</summary>
    public (long Now, long Peak) MemoryBytes()
    {
        _process.Refresh();
        return (_process.WorkingSet64, _process.PeakWorkingSet64);
    }

    /// <summary>The same in MiB, to print.</summary>
    public string MemoryText()
    {
        var (now, peak) = MemoryBytes();
        return string.Create(CultureInfo.InvariantCulture, $"{now >> 20} / {peak >> 20}");
    }

    /// <summary>Processor time it has used so far.</summary>
    public TimeSpan ProcessorTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>Kills it and starts another on the same folder.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await KillAsync();
        (_process, ConnectionString) = await StartAsync(_arguments, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }

    private static async Task<(Process Process, string ConnectionString)> StartAsync(
        string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        return line is not null
            ? (process, line)
            : throw new CliFault(
                string.Create(CultureInfo.InvariantCulture, $"The broker's process ended with code {process.ExitCode}."),
                "What it printed says why.");
    }

    private async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
