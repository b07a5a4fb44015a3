using System.CommandLine;
using System.Globalization;
using Relay.Benchmarks.Ledger;
using Relay.Benchmarks.Pipeline;
using Relay.Cli;
using Spectre.Console;

namespace Relay.Benchmarks.Commands;

/// <summary>Every benchmark by its name: figures as ratios to something bare, measured in the same run.</summary>
internal static class BenchmarksCommand
{
    private const int Rounds = 10;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(500);

    public static RootCommand Create(Terminal terminal) =>
        new("Measures the relay against something bare in the same run; build with -c Release.")
    {
        Pipeline(terminal),
        BatchCommand.Create(terminal),
        RelayBenchCommand.Create(terminal),
        PressureCommands.CreateUrgent(terminal),
        PressureCommands.CreateEmbargo(terminal),
        PressureCommands.CreateFairness(terminal),
        PressureCommands.CreateOverload(terminal),
        PressureCommands.CreateRedrive(terminal),
        Ledger(terminal),
        ShapesCommand.Create(terminal),
        CostCommand.Create(terminal),
        ViewersCommand.Create(terminal),
        Receipts(terminal),
        Audit(terminal),
        SealCommand.Create(terminal),
        BusBenchCommand.Create(terminal),
        BusBenchCommand.CreateBacklog(terminal),
        BusBenchCommand.CreateScale(terminal),
        BusBenchCommand.CreateBroker(terminal),
        HostCommand.Create(terminal),
    };

    private static Command Pipeline(Terminal terminal)
    {
        var bytes = new Option<int>("--bytes") { Description = "Bytes of content in the envelope.", DefaultValueFactory = static _ => 256 };
        var command = new Command(
            "pipeline",
            "The pipeline up to the commit, on one thread, against bare ECDSA P-256 verifications of the same signature.") { bytes };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var bench = await PipelineBench.CreateAsync(parsed.GetRequiredValue(bytes), terminal.Time, cancellationToken);
            await SliceAsync(bench, terminal.Time, cancellationToken);
            var ratios = new List<double>();
            var pipelineRates = new List<double>();
            var bareRates = new List<double>();
            long allocated = 0;
            for (var round = 0; round < Rounds; round++)
            {
                var (pipeline, bare, bytesEach) = await SliceAsync(bench, terminal.Time, cancellationToken);
                ratios.Add(pipeline / bare);
                pipelineRates.Add(pipeline);
                bareRates.Add(bare);
                allocated = bytesEach;
            }

            var table = new Table().AddColumns("figure", "minimum", "median", "maximum");
            AddRow(table, "pipeline, envelopes/s", pipelineRates, "0");
            AddRow(table, "bare verification, 1/s", bareRates, "0");
            AddRow(table, "pipeline / bare", ratios, "0.000");
            terminal.Out.Write(table);
            terminal.Out.WriteLine(
                $"envelope of {bench.EnvelopeBytes} bytes, one ES256 signature; {allocated} bytes allocated per envelope; "
                    + $"{Rounds} rounds of {Slice.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s each way");
            return 0;
        });
        return command;
    }

    private static Command Receipts(Terminal terminal)
    {
        var entries = new Option<int>("--entries")
        {
            Description = "Entries of the ledger the receipt is of.",
            DefaultValueFactory = static _ => 100_000,
        };
        var command = new Command(
            "receipt",
            "One receipt check, from its text to the verdict, against bare ECDSA P-256 verifications, on one thread.") { entries };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var bench = await ReceiptBench.CreateAsync(
                parsed.GetRequiredValue(entries), terminal.Time.GetUtcNow(), cancellationToken);
            var (further, first, bare, excess) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round <= Rounds; round++)
            {
                var (f, o, b) = (
                    Microseconds(bench.CheckFurther, terminal.Time),
                    Microseconds(bench.CheckFirst, terminal.Time),
                    Microseconds(bench.VerifyBare, terminal.Time));
                if (round == 0) continue;
                further.Add(f);
                first.Add(o);
                bare.Add(b);
                excess.Add(f - 2 * b);
            }

            var table = new Table().AddColumns("figure", "minimum", "median", "maximum");
            AddRow(table, "further receipt, us", further, "0.0");
            AddRow(table, "first receipt of a key, us", first, "0.0");
            AddRow(table, "bare verification, us", bare, "0.0");
            AddRow(table, "further receipt / bare", [.. further.Zip(bare, (f, b) => f / b)], "0.000");
            AddRow(table, "first receipt / bare", [.. first.Zip(bare, (f, b) => f / b)], "0.000");
            AddRow(table, "further receipt less two bare, us", excess, "0.0");
            terminal.Out.Write(table);
            terminal.Out.WriteLine(
                $"receipt of {bench.ReceiptBytes} bytes; {Rounds} rounds of "
                    + $"{Slice.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s each way");
            return 0;
        });
        return command;
    }

    private static Command Audit(Terminal terminal)
    {
        var entries = new Option<int>("--entries") { Description = "Entries of the ledger.", DefaultValueFactory = static _ => 100_000 };
        var mediators = new Option<int>("--mediators") { Description = "Signatures of each.", DefaultValueFactory = static _ => 2 };
        var rounds = new Option<int>("--rounds") { Description = "Audits.", DefaultValueFactory = static _ => 5 };
        var command = new Command(
            "audit",
            "An audit of a whole ledger in memory, every entry's quorum verified, against as many bare ECDSA P-256 verifications.")
        {
            entries, mediators, rounds,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var bench = await AuditBench.CreateAsync(
                parsed.GetRequiredValue(entries), parsed.GetRequiredValue(mediators), terminal.Time, cancellationToken);
            var (audit, bare) = (new List<double>(), new List<double>());
            for (var round = 0; round <= parsed.GetRequiredValue(rounds); round++)
            {
                var started = terminal.Time.GetTimestamp();
                await bench.AuditAsync(cancellationToken);
                var audited = terminal.Time.GetTimestamp();
                bench.VerifyBare();
                if (round == 0) continue;
                audit.Add(terminal.Time.GetElapsedTime(started, audited).TotalSeconds);
                bare.Add(terminal.Time.GetElapsedTime(audited).TotalSeconds);
            }

            List<double> ratios = [.. audit.Zip(bare, (a, b) => a / b)];
            var table = new Table().AddColumns("figure", "minimum", "median", "maximum");
            AddRow(table, "audit, s", audit, "0.00");
            AddRow(table, "bare verifications, s", bare, "0.00");
            AddRow(table, "audit / bare", ratios, "0.000");
            terminal.Out.Write(table);
            terminal.Out.WriteLine(
                $"{parsed.GetRequiredValue(entries)} entries of {bench.EntryBytes} bytes, {bench.Signatures} signatures");
            return 0;
        });
        return command;
    }

    private static double Microseconds(Action act, TimeProvider time)
    {
        var count = 0;
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < Slice)
        {
            act();
            count++;
        }

        return time.GetElapsedTime(started).TotalMicroseconds / count;
    }

    private static Command Ledger(Terminal terminal)
    {
        var seconds = new Option<int>("--seconds") { Description = "Seconds for each figure.", DefaultValueFactory = static _ => 3 };
        var command = new Command(
            "ledger",
            "The commit alone, on a store in memory and on the folder store: by group size, at a steady rate, with workers racing.")
        {
            seconds,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var progress = new SynchronousProgress<string>(line => terminal.Notes.MarkupLineInterpolated($"[green]✓[/] {line}"));
            var bench = new LedgerBench(TimeSpan.FromSeconds(parsed.GetRequiredValue(seconds)), terminal.Time);
            var table = new Table().AddColumns("figure", "memory", "folder");
            foreach (var (figure, memory, folder) in await bench.RunAsync(progress, cancellationToken))
            {
                table.AddRow(Markup.Escape(figure), memory, folder);
            }

            terminal.Out.Write(table);
            return 0;
        });
        return command;
    }

    private static async Task<(double Pipeline, double Bare, long BytesEach)> SliceAsync(
        PipelineBench bench, TimeProvider time, CancellationToken cancellationToken)
    {
        var bytesBefore = GC.GetAllocatedBytesForCurrentThread();
        var pipelineCount = 0;
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < Slice)
        {
            // Completes on this thread: every port of the bench answers at once.
            await bench.ExamineAsync(cancellationToken);
            pipelineCount++;
        }

        var pipeline = pipelineCount / time.GetElapsedTime(started).TotalSeconds;
        var bytesEach = (GC.GetAllocatedBytesForCurrentThread() - bytesBefore) / pipelineCount;
        var bareCount = 0;
        started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < Slice)
        {
            bench.VerifyBare();
            bareCount++;
        }

        return (pipeline, bareCount / time.GetElapsedTime(started).TotalSeconds, bytesEach);
    }

    private static void AddRow(Table table, string figure, List<double> values, string format)
    {
        values.Sort();
        table.AddRow(
            Markup.Escape(figure),
            values[0].ToString(format, CultureInfo.InvariantCulture),
            values[values.Count / 2].ToString(format, CultureInfo.InvariantCulture),
            values[^1].ToString(format, CultureInfo.InvariantCulture));
    }
}
