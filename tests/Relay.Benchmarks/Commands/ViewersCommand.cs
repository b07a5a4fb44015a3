using System.CommandLine;
using System.Globalization;
using Relay.Benchmarks.Viewers;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary><c>viewers</c>: what looking at live stats takes from relaying, with and without in turns.</summary>
internal static class ViewersCommand
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    // Seconds of each steady turn: several times what a feed waits before it tells the next.
    private const int Turn = 6;

    public static Command Create(Terminal terminal)
    {
        var negotiations = BenchOptions.Number("--negotiations", "Negotiations, each with its own ledger and one envelope a turn.", 10_000);
        var viewers = BenchOptions.Number("--viewers", "Viewers, each of its own negotiation but one who sees all.", 200);
        var rounds = BenchOptions.Number("--rounds", "Turns without and with viewers; one more warms.", 6);
        var rate = BenchOptions.Number("--rate", "Envelopes a second of the steady turns.", 200);
        var pairs = BenchOptions.Number("--pairs", "Pairs of steady turns, one of the two with viewers; 9 at least.", 12);
        var command = new Command(
            "viewers",
            "The pipeline in this process with viewers of live stats and without, in turns: what they take of its rate, of the processor "
                + "and of memory.")
        {
            negotiations, viewers, rounds, rate, pairs,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (count, crowd) = (parsed.GetRequiredValue(negotiations), parsed.GetRequiredValue(viewers));
            await using var bench = new ViewersBench(count, crowd, 256, terminal.Time);
            var (rates, processors) = (new List<double>(), new List<double>());
            var (without, with) = (new List<double>(), new List<double>());
            for (var round = 0; round <= parsed.GetRequiredValue(rounds); round++)
            {
                // Now the one first, now the other: the ledgers grow from turn to turn.
                var isFirst = round % 2 == 0;
                var first = await TurnAsync(isFirst ? 0 : crowd);
                var second = await TurnAsync(isFirst ? crowd : 0);
                var (alone, watched) = isFirst ? (first, second) : (second, first);
                if (round == 0) continue;
                without.Add(count / alone.Took.TotalSeconds);
                with.Add(count / watched.Took.TotalSeconds);
                rates.Add(with[^1] / without[^1]);
                processors.Add(watched.Processor / alone.Processor);
                terminal.Notes.MarkupLineInterpolated(
                    CultureInfo.InvariantCulture, $"turn {round}: {without[^1]:0}/s, with viewers {with[^1]:0}/s");
            }

            var taken = await SteadyAsync(
                bench, crowd, parsed.GetRequiredValue(rate), Math.Max(9, parsed.GetRequiredValue(pairs)), terminal, cancellationToken);
            var quiet = await bench.RestAsync(Rest, cancellationToken);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var told = bench.Told;
            await using (await bench.LookAsync(crowd, cancellationToken))
            {
                var looked = await bench.RestAsync(Rest, cancellationToken);
                var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
                Print(terminal, without, with, rates, processors);
                terminal.Out.WriteLine(taken);
                terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{crowd} viewers while nothing passes: {(looked - quiet) / Rest:P2} of a core, {memory / 1048576.0:0.0} MiB; "
                        + $"{bench.Told - told} events in {Rest.TotalSeconds:0} s"));
            }

            return 0;

            async Task<(TimeSpan Took, TimeSpan Processor)> TurnAsync(int looking)
            {
                var wires = await bench.NextAsync(cancellationToken);
                await using var look = await bench.LookAsync(looking, cancellationToken);
                return await bench.RelayAsync(wires, cancellationToken);
            }
        });
        return command;
    }

    // The same little work with and without viewers, so that what they take is not lost in what the work does.
    private static async Task<string> SteadyAsync(
        ViewersBench bench, int crowd, int perSecond, int pairs, Terminal terminal, CancellationToken cancellationToken)
    {
        var wires = new Queue<byte[]>();
        var (without, more) = (new List<double>(), new List<double>());
        for (var pair = 0; pair < pairs; pair++)
        {
            var first = pair % 2 == 0 ? await AloneAsync() : await WatchedAsync();
            var second = pair % 2 == 0 ? await WatchedAsync() : await AloneAsync();
            var (alone, watched) = pair % 2 == 0 ? (first, second) : (second, first);
            without.Add(alone);
            more.Add(watched - alone);
            terminal.Notes.MarkupLineInterpolated(
                CultureInfo.InvariantCulture, $"pair {pair + 1}: {alone:P1} of a core, with viewers {watched:P1}");
        }

        without.Sort();
        more.Sort();
        // Of independent differences the median is between these two, by their ranks, with 95 % certainty or more (sign test).
        var rank = Rank(pairs);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{crowd} viewers at {perSecond} envelopes/s take {more[pairs / 2]:P2} of a core more than {without[pairs / 2]:P1} "
                + $"(median of {pairs} pairs; 95 %: {more[rank]:P2} to {more[pairs - 1 - rank]:P2})");

        async Task<double> WatchedAsync()
        {
            var turn = await TakeAsync();
            await using var looking = await bench.LookAsync(crowd, cancellationToken);
            return await bench.RelaySteadilyAsync(turn, perSecond, cancellationToken);
        }

        async Task<double> AloneAsync() => await bench.RelaySteadilyAsync(await TakeAsync(), perSecond, cancellationToken);

        async Task<List<byte[]>> TakeAsync()
        {
            var turn = new List<byte[]>(Turn * perSecond);
            while (turn.Count < Turn * perSecond)
            {
                if (wires.Count == 0) foreach (var wire in await bench.NextAsync(cancellationToken)) wires.Enqueue(wire);
                turn.Add(wires.Dequeue());
            }

            return turn;
        }
    }

    // The greatest r with P(fewer than r + 1 of n are below the median) at most 2.5 %: the binomial with one half.
    private static int Rank(int pairs)
    {
        var (chance, sum, r) = (Math.Pow(0.5, pairs), 0.0, -1);
        while (sum + chance <= 0.025)
        {
            sum += chance;
            r++;
            chance *= (pairs - r) / (double)(r + 1);
        }

        return Math.Max(0, r);
    }

    private static void Print(Terminal terminal, List<double> without, List<double> with, List<double> rates, List<double> processors)
    {
        var table = new Table().AddColumns("figure", "minimum", "median", "maximum");
        foreach (var (figure, values, format) in new[]
        {
            ("envelopes/s without viewers", without, "0"),
            ("envelopes/s with viewers", with, "0"),
            ("rate, with / without", rates, "0.000"),
            ("processor time, with / without", processors, "0.000"),
        })
        {
            values.Sort();
            table.AddRow([figure, .. new[] { values[0], values[values.Count / 2], values[^1] }
                .Select(value => value.ToString(format, CultureInfo.InvariantCulture))]);
        }

        terminal.Out.Write(table);
    }
}
