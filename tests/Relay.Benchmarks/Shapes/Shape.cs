using System.Globalization;

namespace Relay.Benchmarks.Shapes;

/// <summary>How a backlog is made up.</summary>
/// <param name="Envelopes">Of all negotiations together.</param>
/// <param name="Senders">Of each negotiation, 1 to 64.</param>
/// <param name="Workers">That take from the one queue, each with ledgers of its own over the one store.</param>
internal sealed record Shape(ShapeStore Store, int Negotiations, int Senders, int Workers, ShapeOrder Order, int Envelopes)
{
    private const int Window = 64;

    /// <summary>Envelopes of each stream, at least one.</summary>
    public int OfEachStream => Math.Max(1, Envelopes / (Negotiations * Senders));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Store} {Negotiations} negotiations, {Senders} senders, {Workers} workers, {Order}");

    /// <summary>The backlog in the order in which it comes.</summary>
    /// <param name="streams">Each stream's envelopes by rising sequence; all of one length.</param>
    /// <param name="order">Which.</param>
    /// <param name="random">For the shuffle.</param>
    public static List<byte[]> Arrange(IReadOnlyList<byte[][]> streams, ShapeOrder order, Random random)
    {
        IEnumerable<byte[]> InTurns(Func<int, int> at) =>
            Enumerable.Range(0, streams[0].Length).SelectMany(i => streams.Select(stream => stream[at(i)]));
        var last = streams[0].Length - 1;
        return order switch
        {
            ShapeOrder.Ordered => [.. InTurns(static i => i)],
            ShapeOrder.Random => Shuffled([.. InTurns(static i => i)], random),
            ShapeOrder.Reversed => [.. InTurns(i => Math.Min(i / Window * Window + Window - 1, last) - i % Window)],
        };
    }

    private static List<byte[]> Shuffled(byte[][] envelopes, Random random)
    {
        random.Shuffle(envelopes);
        return [.. envelopes];
    }
}
