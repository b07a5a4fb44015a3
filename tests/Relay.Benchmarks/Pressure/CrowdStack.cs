using Emulator.KeyVault;
using Relay.Benchmarks.EndToEnd;
using Relay.Benchmarks.Shapes;
using Relay.Local;
using Relay.Protocol.Negotiations;

namespace Relay.Benchmarks.Pressure;

/// <summary>One relay in processes of its own, and a negotiation of many senders whose document gives each a rate.</summary>
internal sealed class CrowdStack : IAsyncDisposable
{
    private const int ContentBytes = 256;

    private readonly string _folder;
    private readonly KeyVaultEmulator _vault;
    private readonly ShapeSenders _senders;

    private CrowdStack(string folder, KeyVaultEmulator vault, ShapeSenders senders, AppUnderLoad relay, TimeProvider time)
    {
        (_folder, _vault, _senders, Relay) = (folder, vault, senders, relay);
        Arrivals = new Arrivals(relay.Bus, time);
        Queues = new QueueLoad(relay.Bus, time);
    }

    public AppUnderLoad Relay { get; }

    public Arrivals Arrivals { get; }

    public QueueLoad Queues { get; }

    /// <param name="senders">2 to 64.</param>
    /// <param name="each">What is admitted of each.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<CrowdStack> StartAsync(int senders, RateLimit each, TimeProvider time, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("relay-bench-").FullName;
        var vault = await KeyVaultEmulator.StartAsync(
            new KeyVaultEmulatorOptions { StateFolder = Path.Combine(folder, "vault") }, cancellationToken);
        var (keys, ids) = await StackSettings.SeedAsync(vault, mediators: 1, cancellationToken);
        var crowd = new ShapeSenders(negotiations: 1, senders, ContentBytes, batch: 1, time, keys[0], ids[0].AbsoluteUri);
        LocalDirectory.Put(folder, crowd.Negotiations[0], crowd.Document(crowd.Negotiations[0], each));
        var relay = await AppUnderLoad.StartAsync("relay", "worker", StackSettings.Of(vault, folder), folder, cancellationToken);
        return new CrowdStack(folder, vault, crowd, relay, time);
    }

    /// <summary>The next envelopes of one sender, from 0.</summary>
    public async Task<List<PressedEnvelope>> MakeAsync(int sender, int count, CancellationToken cancellationToken) =>
        (await _senders.NextAsync(_senders.Negotiations[0], sender, count, cancellationToken))
        .ConvertAll(wire => new PressedEnvelope(wire, EnvelopeLoad.MessageId(wire)));

    public async ValueTask DisposeAsync()
    {
        await Arrivals.DisposeAsync();
        await Relay.DisposeAsync();
        _senders.Dispose();
        await _vault.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
