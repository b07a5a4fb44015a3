using System.Globalization;
using Relay.Cli;
using Relay.Protocol.Negotiations;

namespace Relay.Benchmarks.Pressure;

/// <summary>
/// Senders at a steady rate, in turns without and with one more that floods: what the flood does to the others' latency. Turns follow
/// one another in one run, so that a ratio tells the flood from the machine.
/// </summary>
/// <param name="senders">With the one that floods, 3 to 64.</param>
/// <param name="perSecond">Of each; twice as many are admitted of each.</param>
/// <param name="flood">How many times that the last one sends.</param>
/// <param name="seconds">Of each turn.</param>
/// <param name="rounds">Of two turns each, after one that counts for nothing.</param>
internal sealed class FairnessBench(
    int senders, int perSecond, int flood, int seconds, int rounds, TimeProvider time, IProgress<string> progress)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(CancellationToken cancellationToken)
    {
        var rate = new RateLimit(2 * perSecond, 10 * perSecond);
        await using var stack = await CrowdStack.StartAsync(negotiations: 1, senders, rate, time, cancellationToken);
        var (calm, beside, ratios) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<double>());
        var flooded = new List<PressedEnvelope>();
        for (var round = 0; round <= rounds; round++)
        {
            var alone = await TurnAsync(stack, [], cancellationToken);
            var sent = await stack.MakeAsync(senders - 1, flood * perSecond * seconds, cancellationToken);
            flooded.AddRange(sent);
            var pressed = await TurnAsync(stack, sent, cancellationToken);
            if (round == 0) continue;
            calm.AddRange(alone);
            beside.AddRange(pressed);
            ratios.Add(Percentile.Milliseconds(pressed, 0.99) / Percentile.Milliseconds(alone, 0.99));
            var (without, with) = (PressureStack.Spread(alone), PressureStack.Spread(pressed));
            progress.Report($"{round} of {rounds}: p50, p99, most {without} ms without, {with} with the flood");
        }

        ratios.Sort();
        var arrived = stack.Arrivals.CountOf(flooded, time.GetUtcNow());
        return
        [
            ("others, envelopes/s of them together", $"{senders - 1}, {(senders - 1) * perSecond}"),
            ("flood, envelopes/s; sent, arrived", $"{flood * perSecond}; {flooded.Count}, {arrived}"),
            ("others without, p50, p99, most, ms", PressureStack.Spread(calm)),
            ("others beside the flood, p50, p99, most, ms", PressureStack.Spread(beside)),
            ("p99 beside / without: least, median, most of the rounds", string.Create(
                CultureInfo.InvariantCulture, $"{ratios[0]:0.00}, {ratios[ratios.Count / 2]:0.00}, {ratios[^1]:0.00}")),
            ("came twice", stack.Arrivals.Repeats.ToString(CultureInfo.InvariantCulture)),
        ];
    }

    // All of the others' come, or the turn fails.
    private async Task<List<TimeSpan>> TurnAsync(
        CrowdStack stack, List<PressedEnvelope> flooding, CancellationToken cancellationToken)
    {
        var streams = new List<List<PressedEnvelope>>();
        for (var sender = 0; sender < senders - 1; sender++)
        {
            streams.Add(await stack.MakeAsync(sender, perSecond * seconds, cancellationToken));
        }

        List<PressedEnvelope> steady = [.. Enumerable.Range(0, perSecond * seconds).SelectMany(i => streams.Select(stream => stream[i]))];
        var flooded = flooding.Count == 0
            ? Task.FromResult<List<DateTimeOffset>>([])
            : stack.Queues.SendSteadilyAsync("envelopes", flooding, flood * perSecond, cancellationToken);
        var due = await stack.Queues.SendSteadilyAsync("envelopes", steady, (senders - 1) * perSecond, cancellationToken);
        await flooded;
        await stack.Arrivals.WaitAsync(steady, Patience, cancellationToken);
        return [.. steady.Zip(due, (envelope, at) => stack.Arrivals[envelope.Id] - at)];
    }
}
