using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Azure.Security.KeyVault.Keys;
using Relay.Client.KeyVault;
using Emulator.KeyVault;
using Emulator.ServiceBus;
using Relay.Local;
using Relay.Local.Topology;
using Relay.Testing;

namespace Relay.FaultTests;

/// <summary>
/// Bus and vault in the test's process; the function app's worker and its host in two of their own, which can be killed and started again.
/// </summary>
internal sealed partial class RelayInPieces : IAsyncDisposable
{
    public const string Negotiation = "doha-2026";
    public const string RelayName = "relay.local";

    private const string Ready = "ready";

    /// <summary>Short, because what a killed app held comes back when it ends; twice the margin that the app keeps free of it.</summary>
    public static readonly TimeSpan LockDuration = TimeSpan.FromSeconds(10);

    /// <summary>Age from which an app forwards what another released.</summary>
    public static readonly TimeSpan TakeOverAfter = TimeSpan.FromSeconds(2);

    // Many: a message of a killed app is locked for some seconds, and holds up its stream until then.
    private static readonly RelayTopology Topology = LocalTopology.Default with { Delegations = [.. Enumerable.Range(1, 12).Select(number => $"party-{number}")] };

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];
    private Channel<int> _workers = Channel.CreateUnbounded<int>();
    private ServiceBusEmulator? _bus;
    private KeyVaultEmulator? _vault;
    private Process? _app;
    private string _settings = "";

    private RelayInPieces()
    {
    }

    /// <summary>The members of the negotiation.</summary>
    public static IReadOnlyList<string> Delegations => Topology.Delegations;

    public ServiceBusEmulator Bus => _bus!;

    public KeyClient Vault { get; private set; } = null!;

    public string LedgerFolder => Path.Combine(_folder.Path, "ledger");

    /// <summary>The system's number of the worker that runs, or ran last.</summary>
    public int WorkerId { get; private set; }

    /// <summary>The mediators whose weights make the quorum.</summary>
    public List<KeyVaultEnvelopeSigner> Signers { get; } = [];

    /// <summary>What the app printed last, for a message.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log.TakeLast(20));
            }
        }
    }

    /// <param name="blobs">Connection string of a storage account with a container <c>ledger</c>; null for the folder store.</param>
    /// <param name="container">Container of that account.</param>
    public static async Task<RelayInPieces> StartAsync(string? blobs, string container, CancellationToken cancellationToken)
    {
        var relay = new RelayInPieces();
        try
        {
            await relay.StartPartsAsync(blobs, container, cancellationToken);
            return relay;
        }
        catch
        {
            await relay.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the function app and waits until it takes messages.</summary>
    public async Task StartAppAsync(CancellationToken cancellationToken)
    {
        string[] arguments = ["exec", Path.Combine(AppContext.BaseDirectory, "Relay.FaultTests.Host.dll"), "functions", _settings];
        _app = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (ready, workers) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), Channel.CreateUnbounded<int>());
        _workers = workers;
        _app.OutputDataReceived += (_, line) =>
        {
            Note(line.Data);
            if (line.Data is null) workers.Writer.TryComplete();
            if (line.Data is null) ready.TrySetException(new InvalidOperationException($"The function app ended: {Log}"));
            else if (line.Data == Ready) ready.TrySetResult();
            else if (WorkerReady().Match(line.Data) is { Success: true } match)
            {
                workers.Writer.TryWrite(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            }

        };
        _app.ErrorDataReceived += (_, line) => Note(line.Data);
        _app.BeginOutputReadLine();
        _app.BeginErrorReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromMinutes(3), cancellationToken);

        // The last of them: one that died at its start has been followed.
        WorkerId = await NextWorkerAsync(cancellationToken);
        while (_workers.Reader.TryRead(out var next)) WorkerId = next;
    }

    /// <summary>SIGKILL to the worker, and then to its host.</summary>
    public async Task KillAppAsync(CancellationToken cancellationToken)
    {
        if (_app is null) return;
        Signals.Kill(WorkerId);
        await KillHostAsync(cancellationToken);
    }

    /// <summary>SIGKILL to the worker alone.</summary>
    /// <returns>The number of the one that its host starts in its place, when that takes invocations.</returns>
    public async Task<int> KillWorkerAsync(CancellationToken cancellationToken)
    {
        var killed = WorkerId;
        Signals.Kill(killed);
        while (WorkerId == killed) WorkerId = await NextWorkerAsync(cancellationToken);
        return WorkerId;
    }

    /// <summary>SIGKILL to the host alone; returns when it is gone, whatever its worker does.</summary>
    public async Task KillHostAsync(CancellationToken cancellationToken)
    {
        _app!.Kill();
        await _app.WaitForExitAsync(cancellationToken);
        _app.Dispose();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAppAsync(CancellationToken.None);
        if (_bus is not null) await _bus.DisposeAsync();
        if (_vault is not null) await _vault.DisposeAsync();
        _folder.Dispose();
    }

    [GeneratedRegex("Worker ([0-9]+) runs [0-9]+ functions")]
    private static partial Regex WorkerReady();

    private Task<int> NextWorkerAsync(CancellationToken cancellationToken) =>
        _workers.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(3), cancellationToken);

    private async Task StartPartsAsync(string? blobs, string container, CancellationToken cancellationToken)
    {
        // Messages of a killed host come back when their locks end: shortly, and as often as it takes.
        var topology = LocalTopology.Create(Topology);
        topology = topology with { Queues = [.. topology.Queues.Select(queue => queue with { LockDuration = LockDuration, MaxDeliveryCount = 2_000 })] };
        _bus = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, Topology = topology, MaxMessageBytes = 1024 * 1024 }, cancellationToken);
        _vault = await KeyVaultEmulator.StartAsync(
            new KeyVaultEmulatorOptions { StateFolder = Path.Combine(_folder.Path, "vault") }, cancellationToken);
        var endpoints = new LocalEndpoints(
            _bus.ConnectionString, new Uri("http://localhost"), _vault.VaultUri, _vault.CertificateThumbprint, _vault.CertificatePath, new Uri("https://localhost"), "", Environment.ProcessId);
        Vault = LocalVault.Open(endpoints, "test", TimeProvider.System);
        foreach (var key in Topology.AllKeys) await LocalVault.CreateSigningKeyAsync(Vault, key.Name, cancellationToken);
        foreach (var mediator in Topology.Mediators)
        {
            Signers.Add(await KeyVaultEnvelopeSigner.CreateAsync(Vault, Topology.MediatorKey.For(mediator).Name, cancellationToken));
        }

        LocalDirectory.Put(_folder.Path, Negotiation, JsonSerializer.SerializeToUtf8Bytes(Document()));
        var settings = new Dictionary<string, string?>
        {
            ["ServiceBus"] = _bus.ConnectionString,
            ["Relay:Directory:Folder"] = LocalDirectory.Folder(_folder.Path),
            ["Relay:KeyVault:CertificateThumbprint"] = _vault.CertificateThumbprint,
            ["Relay:Ledger:RelayName"] = RelayName,
            // What a killed app had still to forward is forwarded by the next visit of the timer function, and not by the one after it.
            ["Relay:Ledger:TakeOverAfter"] = TakeOverAfter.ToString(),
            ["Relay:Ledger:VaultUri"] = _vault.VaultUri.AbsoluteUri,
        };
        if (blobs is null) settings["Relay:Ledger:Folder"] = LedgerFolder;
        else (settings["Relay:Ledger:ConnectionString"], settings["Relay:Ledger:Container"]) = (blobs, container);
        _settings = Path.Combine(_folder.Path, "settings.json");
        await File.WriteAllBytesAsync(_settings, JsonSerializer.SerializeToUtf8Bytes(settings), cancellationToken);
    }

    private JsonObject Document() => new()
    {
        ["negotiation"] = Negotiation,
        ["delegations"] = new JsonObject(Delegations.Select(name => KeyValuePair.Create<string, JsonNode?>(name, new JsonObject { ["topic"] = Topology.DelegationTopic.For(name).Name }))),
        ["mediators"] = new JsonObject(Topology.Mediators.Select(mediator => KeyValuePair.Create<string, JsonNode?>(mediator.Name, new JsonObject
        {
            ["key"] = new Uri(_vault!.VaultUri, $"keys/{Topology.MediatorKey.For(mediator).Name}").AbsoluteUri,
            ["weight"] = mediator.Weight,
        }))),
        ["quorum"] = Topology.Quorum,
        ["mode"] = "open",
        ["version"] = 1,
    };

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_log)
        {
            _log.Add(line);
            if (_log.Count > 200) _log.RemoveAt(0);
        }
    }
}
