using System.Diagnostics;
using System.Globalization;
using Relay.Cli;

namespace Relay.Benchmarks.Pressure;

/// <summary>
/// Envelopes that are due across the next while: none may come early, and how late each comes. The worker may be killed meanwhile.
/// </summary>
/// <param name="count">Envelopes.</param>
/// <param name="negotiations">Of which they are, by turns.</param>
/// <param name="streams">Senders of each negotiation, by turns.</param>
/// <param name="lead">From the start until the first is due.</param>
/// <param name="span">Over which they are due.</param>
/// <param name="kills">Whether the worker is killed halfway.</param>
internal sealed class EmbargoBench(
    int count,
    int negotiations,
    int streams,
    TimeSpan lead,
    TimeSpan span,
    bool kills,
    TimeProvider time,
    IProgress<string> progress)
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(CancellationToken cancellationToken)
    {
        await using var stack = await CrowdStack.StartAsync(negotiations, streams, each: null, time, cancellationToken);
        for (var negotiation = 1; negotiation < negotiations; negotiation++) stack.Announce(negotiation);
        // Times in an envelope are whole seconds.
        var first = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + lead).ToUnixTimeSeconds());
        DateTimeOffset Due(int i) => DateTimeOffset.FromUnixTimeSeconds((first + i * (span / count)).ToUnixTimeSeconds());
        var envelopes = new List<PressedEnvelope>(count);
        while (envelopes.Count < count)
        {
            var (round, negotiation) = Math.DivRem(envelopes.Count, negotiations);
            envelopes.Add(await stack.MakeAsync(negotiation, round % streams, Due(envelopes.Count), cancellationToken));
        }

        await stack.Queues.SendAsync("envelopes", envelopes, cancellationToken);
        var sent = time.GetUtcNow();
        if (sent >= first)
        {
            throw new CliFault($"Making and sending them took {sent - first:c} past the first one's time.", "Take a longer --lead.");
        }

        progress.Report(string.Create(CultureInfo.InvariantCulture, $"all sent {(first - sent).TotalSeconds:0} s before the first is due"));
        DateTimeOffset? killed = null;
        if (kills)
        {
            await Task.Delay(first + span / 2 - time.GetUtcNow(), time, cancellationToken);
            using var worker = Process.GetProcessById(stack.Relay.WorkerId);
            worker.Kill();
            killed = time.GetUtcNow();
            progress.Report("the worker is killed");
        }

        var lost = await LostAsync(stack, envelopes, cancellationToken);
        var came = envelopes.Select((envelope, i) => (envelope.Id, Due: Due(i))).Where(one => !lost.Contains(one.Id))
            .Select(one => (one.Due, Late: stack.Arrivals[one.Id] - one.Due)).ToList();
        var late = came.ConvertAll(static one => one.Late);
        // While it starts anew the relay is not up; what was due before the kill may have been in its hands.
        var aroundKill = came.Count(
            one => one.Late > TimeSpan.FromSeconds(1) && killed is { } at && one.Due > at - Before && one.Due < at + Restart);
        // What a second's first waits for is the release; what the others wait for beyond it is those before them.
        var bursts = came.GroupBy(static one => one.Due)
            .Select(static burst => burst.Select(static one => one.Late).Order().ToList())
            .Select(static waits => (waits.Count, First: waits[0], Last: waits[^1]))
            .ToList();
        var rates = bursts.Where(static burst => burst.Last > burst.First)
            .Select(static burst => (burst.Count - 1) / (burst.Last - burst.First).TotalSeconds).Order().ToList();
        return
        [
            ("envelopes, over s; negotiations, streams of each", $"{count}, {Text(span.TotalSeconds)}; {negotiations}, {streams}"),
            ("lost", Text(lost.Count)),
            ("came early", Text(late.Count(static by => by < TimeSpan.Zero))),
            ("earliest after it was due, ms", Text(late.Min().TotalMilliseconds)),
            ("p50, p99, most after it was due, ms", PressureStack.Spread(late)),
            ("later than 1 s", Text(late.Count(static by => by > TimeSpan.FromSeconds(1)))),
            ($"of them due from {Before.TotalSeconds} s before the kill until {Restart.TotalSeconds} s after it", Text(aroundKill)),
            ("each second's first: p50, p99, most late, ms", PressureStack.Spread(bursts.ConvertAll(static burst => burst.First))),
            (
                "each second's others: p50, least rate at which they came, /s",
                rates.Count == 0 ? "none" : $"{Text(rates[rates.Count / 2])}, {Text(rates[0])}"),
            (
                "seconds whose last came later than 1 s, of",
                $"{bursts.Count(static burst => burst.Last > TimeSpan.FromSeconds(1))}, {bursts.Count}"),
            ("came twice", Text(stack.Arrivals.Repeats)),
        ];
    }

    private async Task<HashSet<string>> LostAsync(
        CrowdStack stack, List<PressedEnvelope> envelopes, CancellationToken cancellationToken)
    {
        try
        {
            await stack.Arrivals.WaitAsync(envelopes, lead + span + Patience, cancellationToken);
            return [];
        }
        catch (TimeoutException e)
        {
            // A figure like the others, which are of those that came.
            progress.Report(e.Message);
            return [.. envelopes.Where(envelope => stack.Arrivals.CountOf([envelope], DateTimeOffset.MaxValue) == 0).Select(one => one.Id)];
        }
    }

    private static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
