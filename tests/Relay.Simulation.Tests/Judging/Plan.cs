using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Simulation.Tests.Kernel;

namespace Relay.Simulation.Tests.Judging;

/// <summary>One envelope put on the queue, and when.</summary>
internal sealed record Sending(Said Said, TimeSpan At);

/// <summary>What the senders of a stream do.</summary>
/// <param name="Stream">Which stream.</param>
/// <param name="Said">Everything that is sent, each once.</param>
/// <param name="Honest">Nothing is wrong: no second version, no gap, no short life. All of it must be logged and delivered.</param>
/// <param name="ShortLived">May expire on the way.</param>
internal sealed record StreamPlan(StreamId Stream, IReadOnlyList<Said> Said, bool Honest, bool ShortLived);

/// <summary>Everything the senders of one world do: duplicates, reordering and lies included.</summary>
internal sealed class Plan
{
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(5);

    public List<StreamPlan> Streams { get; } = [];

    public List<Sending> Sendings { get; } = [];

    /// <summary>When the directory's documents are replaced by version 2; null for never.</summary>
    public TimeSpan? PolicyChangeAt { get; private set; }

    public static Plan Draw(SimKernel kernel)
    {
        var plan = new Plan();
        var random = kernel.Random;
        var streams =
            from negotiation in Envelopes.Negotiations.Take(1 + random.Next(2))
            from sender in Envelopes.Delegations
            from lane in new[] { Lane.Normal, Lane.Urgent }
            select new StreamId(negotiation, sender, lane);
        var chosen = streams.ToArray();
        random.Shuffle(chosen);
        foreach (var stream in chosen.Take(1 + random.Next(3))) plan.AddStream(kernel, stream);
        if (kernel.OneIn(3)) plan.PolicyChangeAt = Span * random.NextDouble();
        return plan;
    }

    private void AddStream(SimKernel kernel, StreamId stream)
    {
        var random = kernel.Random;
        var length = 1 + random.Next(Envelopes.LongestStream - 1);
        var shortLived = kernel.OneIn(8);
        var gapAt = kernel.OneIn(8) ? 1 + random.Next(length) : 0;
        var lieAt = kernel.OneIn(4) ? 1 + random.Next(length) : 0;
        var lie = (Variant)(1 + random.Next(3));
        // What is too far ahead to be held circles on the queue until it expires, which no world waits for.
        if (stream.Negotiation == Envelopes.Crowded)
        {
            var first = length - LedgerLimits.ReachOf(Envelopes.Delegations.Length + Envelopes.Silent);
            if (gapAt > 0) gapAt = Math.Max(gapAt, first);
            if (lieAt > 0) lieAt = Math.Max(lieAt, first);
        }

        if (lie == Variant.Unchained && lieAt == 1) lie = Variant.Equivocating;
        var said = new List<Said>();
        for (var sequence = 1; sequence <= length; sequence++)
        {
            var id = new EnvelopeId(stream.Negotiation, stream.Sender, stream.Lane, sequence);
            if (sequence == lieAt) said.Add(Envelopes.Get(id, lie, shortLived));
            if (sequence != gapAt) said.Add(Envelopes.Get(id, Variant.Honest, shortLived));
        }

        // A gap at the end is none: nothing follows it.
        var gap = gapAt > 0 && gapAt < length;
        Streams.Add(new StreamPlan(stream, said, !shortLived && !gap && lieAt == 0, shortLived));
        var pace = Span / (length + 1);
        var inOrder = kernel.OneIn(3);
        foreach (var each in said)
        {
            var copies = kernel.OneIn(3) ? 2 + random.Next(2) : 1;
            for (var copy = 0; copy < copies; copy++)
            {
                var at = inOrder && copy == 0 ? pace * each.Id.Sequence : Span * random.NextDouble();
                Sendings.Add(new Sending(each, at));
            }
        }
    }
}
