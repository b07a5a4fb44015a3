using System.Globalization;
using Relay.Cli;
using Relay.Protocol.Negotiations;

namespace Relay.Benchmarks.Pressure;

/// <summary>
/// Senders over HTTP at a share of what is admitted, then at a multiple of it, then at the share again: what is refused and how, whether
/// what is told holds, and how soon latency is what it was.
/// </summary>
/// <param name="senders">2 to 64.</param>
/// <param name="perSecond">Admitted of each.</param>
/// <param name="times">What is posted meanwhile, in what is admitted.</param>
/// <param name="seconds">Of that; a minute before it and two after it at 0.8.</param>
internal sealed class OverloadBench(int senders, int perSecond, int times, int seconds, TimeProvider time, IProgress<string> progress)
{
    private const double Calm = 0.8;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(CancellationToken cancellationToken)
    {
        var rate = new RateLimit(perSecond, 2 * perSecond);
        await using var stack = await CrowdStack.StartAsync(negotiations: 1, senders, rate, time, cancellationToken);
        using var client = new HttpClient { BaseAddress = stack.Relay.Http };
        var each = 3 * perSecond + (int)(perSecond * (Before + TimeSpan.FromSeconds(seconds) + After).TotalSeconds * 1.2);
        var crowd = new List<HttpSender>();
        for (var sender = 0; sender < senders; sender++)
        {
            crowd.Add(new HttpSender(client, await stack.MakeAsync(sender, each, cancellationToken), time));
        }

        progress.Report($"{senders * each} envelopes are made");
        await PostAsync(crowd, Calm, TimeSpan.FromSeconds(10), cancellationToken);
        var began = time.GetUtcNow();
        await PostAsync(crowd, Calm, Before, cancellationToken);
        var overload = time.GetUtcNow();
        progress.Report("the overload begins");
        await PostAsync(crowd, times, TimeSpan.FromSeconds(seconds) / 2, cancellationToken);
        var warm = stack.Relay.MemoryNow();
        await PostAsync(crowd, times, TimeSpan.FromSeconds(seconds) / 2, cancellationToken);
        var memory = stack.Relay.MemoryNow();
        var eased = time.GetUtcNow();
        var (posts, told) = (crowd.Sum(static sender => sender.Posts), crowd.Sum(static sender => sender.Told));
        progress.Report("the overload ends");
        await PostAsync(crowd, Calm, After, cancellationToken);
        var taken = crowd.SelectMany(static sender => sender.Taken).ToList();
        await stack.Arrivals.WaitAsync(taken.ConvertAll(static one => one.Envelope), Patience, cancellationToken);

        string Within(DateTimeOffset from, DateTimeOffset until) => PressureStack.Spread(Waits(from, until));
        List<TimeSpan> Waits(DateTimeOffset from, DateTimeOffset until) =>
            [.. taken.Where(one => one.Posted >= from && one.Posted < until).Select(one => stack.Arrivals[one.Envelope.Id] - one.Posted)];
        var usual = Percentile.Milliseconds(Waits(began, overload), 0.99);
        var windows = Enumerable.Range(0, (int)(After / Window)).Select(i => Waits(eased + i * Window, eased + (i + 1) * Window)).ToList();
        // The last window that is not as before says when it has been over.
        var unlike = windows.FindLastIndex(window => window.Count > 0 && Percentile.Milliseconds(window, 0.99) > 2 * usual);
        var untold = crowd.SelectMany(static sender => sender.Untold).GroupBy(static pair => pair.Key)
            .Select(static group => $"{group.Sum(static pair => pair.Value)} x {(int)group.Key}").ToList();
        var (back, backTaken) = (crowd.Sum(static sender => sender.CameBack), crowd.Sum(static sender => sender.CameBackTaken));
        return
        [
            ("senders, admitted/s of all", $"{senders}, {senders * perSecond}"),
            ("posted until the overload's end, of these refused with a moment", $"{posts}, {told}"),
            ("refused without a moment", untold.Count == 0 ? "0" : string.Join(", ", untold)),
            ("came back at the told moment, taken then", $"{back}, {backTaken}"),
            ("taken, all arrived", $"{taken.Count}"),
            ("p50, p99, most before, ms", Within(began, overload)),
            ("p50, p99, most in the overload, ms", Within(overload, eased)),
            ("p50, p99, most in the last minute, ms", Within(eased + After / 2, eased + After)),
            ("p99 within twice the usual after, s", Text((unlike + 1) * Window.TotalSeconds)),
            ("memory MiB, broker / host / worker: half-way, at the overload's end", $"{warm}; {memory}"),
            ("came twice", Text(stack.Arrivals.Repeats)),
        ];
    }

    private async Task PostAsync(List<HttpSender> crowd, double share, TimeSpan span, CancellationToken cancellationToken)
    {
        var (began, each) = (time.GetUtcNow(), share * perSecond);
        await Task.WhenAll(crowd.Select((sender, i) => sender.RunAsync(
            each, began + TimeSpan.FromSeconds(i / (each * crowd.Count)), began + span, cancellationToken)));
    }

    private static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
