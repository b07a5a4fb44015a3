using System.CommandLine;
using System.Globalization;
using Relay.Benchmarks.Pipeline;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary>Contents sealed and opened a second, on one thread, by the kinds of the addressees' keys.</summary>
internal static class SealCommand
{
    private static readonly (string Name, int Classic, int Hybrid)[] Audiences =
    [
        ("one on P-256", 1, 0), ("one hybrid", 0, 1), ("two on P-256", 2, 0), ("two hybrid", 0, 2), ("a hybrid, one on P-256", 1, 1),
        ("16 on P-256", 16, 0), ("16 hybrid", 0, 16),
    ];

    public static Command Create(Terminal terminal)
    {
        var bytes = new Option<int>("--bytes") { Description = "Bytes of the body.", DefaultValueFactory = static _ => 1024 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds, each audience in each.", DefaultValueFactory = static _ => 5 };
        var command = new Command(
            "seal",
            "Contents sealed and opened a second, classic and hybrid, on one thread, against bare P-256 agreements.") { bytes, rounds };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await RunAsync(terminal, parsed.GetRequiredValue(bytes), parsed.GetRequiredValue(rounds), cancellationToken);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(Terminal terminal, int bytes, int rounds, CancellationToken cancellationToken)
    {
        var rates = Audiences.ToDictionary(one => one.Name, _ => (Seal: new List<double>(), Open: new List<double>(), Bytes: 0));
        var bare = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (name, classic, hybrid) in Audiences)
            {
                using var bench = new SealBench(classic, hybrid, bytes);
                var seal = await PerSecondAsync(bench.SealAsync, terminal.Time, cancellationToken);
                var open = await PerSecondAsync(bench.OpenAsync, terminal.Time, cancellationToken);
                var agreement = await PerSecondAsync(bench.AgreeBareAsync, terminal.Time, cancellationToken);
                // The first round warms.
                if (round == 0) continue;
                rates[name].Seal.Add(seal);
                rates[name].Open.Add(open);
                rates[name] = rates[name] with { Bytes = bench.ContentBytes };
                bare.Add(agreement);
            }
        }

        var table = new Table().AddColumns("addressees", "sealed/s", "opened/s", "sealed / bare", "opened / bare", "bytes of content");
        foreach (var (name, one) in rates)
        {
            var (seal, open) = (Median(one.Seal), Median(one.Open));
            table.AddRow(
                Markup.Escape(name),
                Text(seal, "0"),
                Text(open, "0"),
                Text(seal / Median(bare), "0.000"),
                Text(open / Median(bare), "0.000"),
                Text(one.Bytes, "0"));
        }

        terminal.Out.Write(table);
        terminal.Out.WriteLine(
            $"body of {bytes} bytes; medians of {rounds} rounds; bare P-256 agreement {Text(Median(bare), "0")}/s; an addressee more takes "
                + $"{(rates["16 on P-256"].Bytes - rates["two on P-256"].Bytes) / 14} bytes on P-256, "
                + $"{(rates["16 hybrid"].Bytes - rates["two hybrid"].Bytes) / 14} hybrid");
    }

    private static async Task<double> PerSecondAsync(
        Func<CancellationToken, Task> act, TimeProvider time, CancellationToken cancellationToken)
    {
        var count = 0;
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < TimeSpan.FromMilliseconds(250))
        {
            await act(cancellationToken);
            count++;
        }

        return count / time.GetElapsedTime(started).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
