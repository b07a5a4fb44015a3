using System.Globalization;
using Relay.Cli;
using Relay.Protocol.Envelopes;

namespace Relay.Benchmarks.Pressure;

/// <summary>Urgent envelopes at a steady rate while normal ones wait: how long each takes, and what is left for the normal lane.</summary>
internal sealed class UrgentBench(int waiting, int perSecond, int seconds, TimeProvider time, IProgress<string> progress)
{
    private const int Warm = 2_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(CancellationToken cancellationToken)
    {
        await using var stack = await PressureStack.StartAsync(time, cancellationToken);
        var arrivals = stack.Arrivals;
        foreach (var (lane, queue) in new[] { (Lane.Normal, "envelopes"), (Lane.Urgent, "envelopes-urgent") })
        {
            var warm = await stack.MakeAsync(lane, Warm, cancellationToken);
            await stack.Queues.SendAsync(queue, warm, cancellationToken);
            await arrivals.WaitAsync(warm, Patience, cancellationToken);
        }

        var normal = await stack.MakeAsync(Lane.Normal, waiting, cancellationToken);
        var urgent = await stack.MakeAsync(Lane.Urgent, perSecond * seconds, cancellationToken);
        progress.Report($"{waiting} normal and {urgent.Count} urgent envelopes are made");
        var started = time.GetUtcNow();
        await stack.Queues.SendAsync("envelopes", normal, cancellationToken);
        // What the normal lane has to itself, once all of it is on the queue.
        var begun = time.GetUtcNow();
        await Task.Delay(TimeSpan.FromSeconds(seconds), time, cancellationToken);
        var from = time.GetUtcNow();
        var due = await stack.Queues.SendSteadilyAsync("envelopes-urgent", urgent, perSecond, cancellationToken);
        await arrivals.WaitAsync(urgent, Patience, cancellationToken);
        var until = time.GetUtcNow();
        var behind = waiting - arrivals.CountOf(normal, until);
        await arrivals.WaitAsync(normal, Patience, cancellationToken);
        var done = time.GetUtcNow();
        var alone = (arrivals.CountOf(normal, from) - arrivals.CountOf(normal, begun)) / (from - begun).TotalSeconds;
        var beside = (arrivals.CountOf(normal, until) - arrivals.CountOf(normal, from)) / (until - from).TotalSeconds;
        var waits = urgent.Zip(due, (envelope, at) => arrivals[envelope.Id] - at).ToList();
        return
        [
            ("normal envelopes sent, and left when the last urgent one came", $"{waiting}, {behind}"),
            ("urgent envelopes, a second", $"{urgent.Count}, {perSecond}"),
            ("urgent p50, p99, most, ms", PressureStack.Spread(waits)),
            ("normal envelopes/s alone, beside the urgent ones", $"{Text(alone)}, {Text(beside)}"),
            ("what the normal lane keeps", Text(100 * beside / alone) + " %"),
            ("whole run, s", Text((done - started).TotalSeconds)),
            ("came twice", Text(arrivals.Repeats)),
            ("memory at most, MiB: broker / host / worker", stack.Relay.Memory()),
        ];
    }

    private static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
