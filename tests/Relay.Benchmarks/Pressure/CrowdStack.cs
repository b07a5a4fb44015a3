using Relay.Benchmarks.EndToEnd;
using Relay.Benchmarks.Shapes;
using Relay.Local;
using Relay.Protocol.Negotiations;

namespace Relay.Benchmarks.Pressure;

/// <summary>One relay in processes of its own, and a negotiation of many senders whose document gives each a rate.</summary>
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

    public Arrivals Arrivals { get; }

    public QueueLoad Queues { get; }

    /// <param name="senders">2 to 64.</param>
    /// <param name="each">What is admitted of each.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<CrowdStack> StartAsync(int senders, RateLimit each, TimeProvider time, CancellationToken cancellationToken)
    {
        var (app, crowd) = await PressedApp.StartAsync(
            async (vault, folder) =>
            {
                var (keys, ids) = await StackSettings.SeedAsync(vault, mediators: 1, cancellationToken);
                var made = new ShapeSenders(negotiations: 1, senders, ContentBytes, batch: 1, time, keys[0], ids[0].AbsoluteUri);
                LocalDirectory.Put(folder, made.Negotiations[0], made.Document(made.Negotiations[0], each));
                return made;
            },
            cancellationToken);
        return new CrowdStack(app, crowd, time);
    }

    /// <summary>The next envelopes of one sender, from 0.</summary>
    public async Task<List<PressedEnvelope>> MakeAsync(int sender, int count, CancellationToken cancellationToken) =>
        (await _senders.NextAsync(_senders.Negotiations[0], sender, count, cancellationToken))
        .ConvertAll(wire => new PressedEnvelope(wire, EnvelopeLoad.MessageId(wire)));

    public async ValueTask DisposeAsync()
    {
        await Arrivals.DisposeAsync();
        await _app.DisposeAsync();
        _senders.Dispose();
    }
}
