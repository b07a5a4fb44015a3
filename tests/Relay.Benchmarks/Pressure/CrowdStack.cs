using Relay.Benchmarks.EndToEnd;
using Relay.Benchmarks.Shapes;
using Relay.Local;
using Relay.Protocol.Negotiations;

namespace Relay.Benchmarks.Pressure;

/// <summary>One relay in processes of its own, and negotiations of many senders; the directory has the first one's document.</summary>
internal sealed class CrowdStack : IAsyncDisposable
{
    private const int ContentBytes = 256;

    private readonly PressedApp _app;
    private readonly ShapeSenders _senders;

    private CrowdStack(PressedApp app, ShapeSenders senders, TimeProvider time)
    {
        (_app, _senders) = (app, senders);
        Arrivals = new Arrivals(app.Relay.Bus, time);
        Queues = new QueueLoad(app.Relay.Bus, time);
    }

    public AppUnderLoad Relay => _app.Relay;

    /// <summary>Of the ledgers.</summary>
    public string LedgerFolder => Path.Combine(_app.Folder, "ledger");

    public Arrivals Arrivals { get; }

    public QueueLoad Queues { get; }

    /// <param name="negotiations">How many.</param>
    /// <param name="senders">2 to 64, of each.</param>
    /// <param name="each">What is admitted of each; null for any number.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<CrowdStack> StartAsync(
        int negotiations, int senders, RateLimit? each, TimeProvider time, CancellationToken cancellationToken)
    {
        var (app, crowd) = await PressedApp.StartAsync(
            async (vault, folder) =>
            {
                var (keys, ids) = await StackSettings.SeedAsync(vault, mediators: 1, cancellationToken);
                var made = new ShapeSenders(negotiations, senders, ContentBytes, batch: 1, time, keys[0], ids[0].AbsoluteUri);
                LocalDirectory.Put(folder, made.Negotiations[0], made.Document(made.Negotiations[0], each));
                return made;
            },
            cancellationToken);
        return new CrowdStack(app, crowd, time);
    }

    /// <summary>Puts another negotiation's document into the directory; it has no rates.</summary>
    public void Announce(int negotiation) =>
        LocalDirectory.Put(_app.Folder, _senders.Negotiations[negotiation], _senders.Document(_senders.Negotiations[negotiation]));

    /// <summary>The next envelopes of one sender of the first negotiation, from 0.</summary>
    public Task<List<PressedEnvelope>> MakeAsync(int sender, int count, CancellationToken cancellationToken) =>
        MakeAsync(0, sender, count, cancellationToken);

    /// <summary>The next envelope of one sender of a negotiation, from 0, with the time before which it may not be delivered.</summary>
    public async Task<PressedEnvelope> MakeAsync(
        int negotiation, int sender, DateTimeOffset notBefore, CancellationToken cancellationToken)
    {
        var wire = await _senders.NextAsync(_senders.Negotiations[negotiation], sender, notBefore, cancellationToken);
        return new PressedEnvelope(wire, EnvelopeLoad.MessageId(wire));
    }

    /// <summary>The next envelopes of one sender, from 0.</summary>
    public async Task<List<PressedEnvelope>> MakeAsync(int negotiation, int sender, int count, CancellationToken cancellationToken) =>
        (await _senders.NextAsync(_senders.Negotiations[negotiation], sender, count, cancellationToken))
        .ConvertAll(wire => new PressedEnvelope(wire, EnvelopeLoad.MessageId(wire)));

    public async ValueTask DisposeAsync()
    {
        await Arrivals.DisposeAsync();
        await _app.DisposeAsync();
        _senders.Dispose();
    }
}
