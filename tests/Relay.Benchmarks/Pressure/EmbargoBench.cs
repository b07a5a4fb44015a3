using System.Diagnostics;
using System.Globalization;
using Relay.Cli;
using Relay.Protocol.Envelopes;

namespace Relay.Benchmarks.Pressure;

/// <summary>
/// Envelopes that are due across the next while: none may come early, and how late each comes. The worker may be killed meanwhile.
/// </summary>
internal sealed class EmbargoBench(int count, TimeSpan lead, TimeSpan span, bool kills, TimeProvider time, IProgress<string> progress)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(CancellationToken cancellationToken)
    {
        await using var stack = await PressureStack.StartAsync(time, cancellationToken);
        // Times in an envelope are whole seconds.
        var first = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + lead).ToUnixTimeSeconds());
        DateTimeOffset Due(int i) => DateTimeOffset.FromUnixTimeSeconds((first + i * (span / count)).ToUnixTimeSeconds());
        var envelopes = await stack.MakeAsync(Lane.Normal, count, Due, cancellationToken);
        await stack.Queues.SendAsync("envelopes", envelopes, cancellationToken);
        var sent = time.GetUtcNow();
        if (sent >= first)
        {
            throw new CliFault($"Making and sending them took {sent - first:c} past the first one's time.", "Take a longer --lead.");
        }

        progress.Report(string.Create(CultureInfo.InvariantCulture, $"all sent {(first - sent).TotalSeconds:0} s before the first is due"));
        if (kills)
        {
            await Task.Delay(first + span / 2 - time.GetUtcNow(), time, cancellationToken);
            using var worker = Process.GetProcessById(stack.Relay.WorkerId);
            worker.Kill();
            progress.Report("the worker is killed");
        }

        await stack.Arrivals.WaitAsync(envelopes, lead + span + Patience, cancellationToken);
        var late = envelopes.Select((envelope, i) => stack.Arrivals[envelope.Id] - Due(i)).ToList();
        return
        [
            ("envelopes, over s", $"{count}, {Text(span.TotalSeconds)}"),
            ("came early", Text(late.Count(static by => by < TimeSpan.Zero))),
            ("earliest after it was due, ms", Text(late.Min().TotalMilliseconds)),
            ("p50, p99, most after it was due, ms", PressureStack.Spread(late)),
            ("later than 1 s", Text(late.Count(static by => by > TimeSpan.FromSeconds(1)))),
            ("came twice", Text(stack.Arrivals.Repeats)),
        ];
    }

    private static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
