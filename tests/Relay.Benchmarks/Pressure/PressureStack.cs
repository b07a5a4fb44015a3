using System.Globalization;
using Relay.Benchmarks.EndToEnd;
using Relay.Cli;
using Relay.Protocol.Envelopes;

namespace Relay.Benchmarks.Pressure;

/// <summary>One relay in processes of its own, a negotiation of two delegations, and what is needed to press it.</summary>
internal sealed class PressureStack : IAsyncDisposable
{
    private const int Mediators = 2;
    private const int ContentBytes = 256;

    private readonly PressedApp _app;
    private readonly BenchNegotiation _negotiation;
    private readonly TimeProvider _time;
    private readonly Dictionary<Lane, long> _sequences = [];

    private PressureStack(PressedApp app, BenchNegotiation negotiation, TimeProvider time)
    {
        (_app, _negotiation, _time) = (app, negotiation, time);
        Arrivals = new Arrivals(app.Relay.Bus, time);
        Queues = new QueueLoad(app.Relay.Bus, time);
    }

    public AppUnderLoad Relay => _app.Relay;

    public Arrivals Arrivals { get; }

    public QueueLoad Queues { get; }

    public static async Task<PressureStack> StartAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var (app, negotiation) = await PressedApp.StartAsync(
            (vault, folder) => StackSettings.NegotiateAsync(vault, Mediators, folder, cancellationToken), cancellationToken);
        return new PressureStack(app, negotiation, time);
    }

    /// <summary>Half, 99 in 100 and all of them took at most so many milliseconds.</summary>
    public static string Spread(IReadOnlyCollection<TimeSpan> waits) => string.Join(
        ", ",
        new[] { 0.5, 0.99, 1 }.Select(share => Percentile.Milliseconds(waits, share).ToString("0", CultureInfo.InvariantCulture)));

    /// <summary>The next envelopes of a lane.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<List<PressedEnvelope>> MakeAsync(Lane lane, int count, CancellationToken cancellationToken)
    {
        var made = new List<PressedEnvelope>(count);
        for (var i = 0; i < count; i++)
        {
            var sequence = _sequences[lane] = _sequences.GetValueOrDefault(lane) + 1;
            var wire = await _negotiation.EnvelopeAsync(lane, sequence, ContentBytes, _time, cancellationToken);
            made.Add(new PressedEnvelope(wire, EnvelopeLoad.MessageId(wire)));
        }

        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await Arrivals.DisposeAsync();
        await _app.DisposeAsync();
    }
}
