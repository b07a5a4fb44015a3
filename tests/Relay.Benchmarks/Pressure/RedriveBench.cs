using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using Relay.Cli;
using Relay.Testing;

namespace Relay.Benchmarks.Pressure;

/// <summary>
/// Dead letters of a negotiation that the directory did not know, put back by one command once it does: killed after a third, interrupted
/// after two, and gone on with. Others send at a steady rate before and meanwhile.
/// </summary>
/// <param name="count">Dead letters, of four senders.</param>
/// <param name="rate">How many a second the command puts back at most; 0 for as fast as it goes.</param>
/// <param name="perSecond">Of the others, all together.</param>
/// <param name="seconds">Of them alone.</param>
internal sealed class RedriveBench(int count, int rate, int perSecond, int seconds, TimeProvider time, IProgress<string> progress)
{
    private const int Senders = 4;
    private const int PeekAtOnce = 250;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public async Task<IReadOnlyList<(string Figure, string Value)>> RunAsync(CancellationToken cancellationToken)
    {
        await using var stack = await CrowdStack.StartAsync(negotiations: 2, Senders, each: null, time, cancellationToken);
        var letters = await DieAsync(stack, cancellationToken);
        progress.Report($"{count} dead letters lie there");
        await AloneAsync(stack, cancellationToken);
        var calm = await AloneAsync(stack, cancellationToken);
        progress.Report($"others alone: p50, p99, most {PressureStack.Spread(calm)} ms");

        stack.Announce(1);
        var started = time.GetTimestamp();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var others = UntilAsync(stack, over.Token, cancellationToken);
        var runs = new List<string>
        {
            await RedriveAsync(stack, letters, count / 3, static process => process.Kill(), cancellationToken),
            await RedriveAsync(stack, letters, count * 2 / 3, Interrupt, cancellationToken),
            await RedriveAsync(stack, letters, int.MaxValue, static _ => { }, cancellationToken),
        };
        var took = time.GetElapsedTime(started);
        await over.CancelAsync();
        var beside = await others;
        await stack.Arrivals.WaitAsync(letters, Patience, cancellationToken);
        var arrived = stack.Arrivals.CountOf(letters, time.GetUtcNow());
        var left = await CountAsync(stack.Relay.Bus, cancellationToken);
        var check = await CheckAsync(stack.LedgerFolder, cancellationToken);
        var ratio = Percentile.Milliseconds(beside, 0.99) / Percentile.Milliseconds(calm, 0.99);
        return
        [
            ("dead letters; arrived, left, came twice", $"{count}; {arrived}, {left}, {stack.Arrivals.Repeats}"),
            ("the three runs: put back", string.Join("; ", runs)),
            ("from the first one's start to the last one's end, s", took.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)),
            ("others, envelopes/s; alone, meanwhile", $"{perSecond}; {calm.Count}, {beside.Count}"),
            ("others alone, p50, p99, most, ms", PressureStack.Spread(calm)),
            ("others meanwhile, p50, p99, most, ms", PressureStack.Spread(beside)),
            ("p99 meanwhile / alone", ratio.ToString("0.00", CultureInfo.InvariantCulture)),
            ("the independent checker, of both ledgers", check),
            ("memory at most, MiB: broker / host / worker", stack.Relay.Memory()),
        ];
    }

    private async Task<List<PressedEnvelope>> DieAsync(CrowdStack stack, CancellationToken cancellationToken)
    {
        var streams = new List<List<PressedEnvelope>>();
        for (var sender = 0; sender < Senders; sender++)
        {
            var each = (count / Senders) + (sender < count % Senders ? 1 : 0);
            streams.Add(await stack.MakeAsync(1, sender, each, cancellationToken));
        }

        // By turns, each stream in its order.
        List<PressedEnvelope> letters =
        [
            .. Enumerable.Range(0, streams[0].Count)
                .SelectMany(i => streams.Where(stream => i < stream.Count).Select(stream => stream[i])),
        ];
        await stack.Queues.SendAsync("envelopes", letters, cancellationToken);
        var started = time.GetTimestamp();
        while (await CountAsync(stack.Relay.Bus, cancellationToken) < count)
        {
            if (time.GetElapsedTime(started) > Patience) throw new TimeoutException($"expected {count} dead letters within {Patience:c}");
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }

        return letters;
    }

    private static async Task<int> CountAsync(ServiceBusClient bus, CancellationToken cancellationToken)
    {
        await using var receiver = bus.CreateReceiver("envelopes", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var count = 0;
        for (var from = 0L; ;)
        {
            var some = await receiver.PeekMessagesAsync(PeekAtOnce, from, cancellationToken);
            if (some.Count == 0) return count;
            count += some.Count;
            from = some[^1].SequenceNumber + 1;
        }
    }

    private async Task<List<TimeSpan>> AloneAsync(CrowdStack stack, CancellationToken cancellationToken)
    {
        var sent = await OthersAsync(stack, seconds, cancellationToken);
        var due = await stack.Queues.SendSteadilyAsync("envelopes", sent, perSecond, cancellationToken);
        return await WaitsAsync(stack, sent, due, cancellationToken);
    }

    // Slice by slice until it is over; each is waited for at the end.
    private async Task<List<TimeSpan>> UntilAsync(CrowdStack stack, CancellationToken over, CancellationToken cancellationToken)
    {
        var (sent, due) = (new List<PressedEnvelope>(), new List<DateTimeOffset>());
        while (!over.IsCancellationRequested)
        {
            var some = await OthersAsync(stack, 1, cancellationToken);
            due.AddRange(await stack.Queues.SendSteadilyAsync("envelopes", some, perSecond, cancellationToken));
            sent.AddRange(some);
        }

        return await WaitsAsync(stack, sent, due, cancellationToken);
    }

    private static async Task<List<TimeSpan>> WaitsAsync(
        CrowdStack stack, List<PressedEnvelope> sent, IEnumerable<DateTimeOffset> due, CancellationToken cancellationToken)
    {
        await stack.Arrivals.WaitAsync(sent, Patience, cancellationToken);
        return [.. sent.Zip(due, (envelope, at) => stack.Arrivals[envelope.Id] - at)];
    }

    private Task<List<PressedEnvelope>> OthersAsync(CrowdStack stack, int length, CancellationToken cancellationToken) =>
        stack.MakeAsync(0, perSecond * length, cancellationToken);

    // As operators do, in a process of its own.
    private async Task<string> RedriveAsync(
        CrowdStack stack, List<PressedEnvelope> letters, int until, Action<Process> end, CancellationToken cancellationToken)
    {
        var log = Path.Combine(Path.GetDirectoryName(stack.LedgerFolder)!, "operators");
        Directory.CreateDirectory(log);
        using var process = RelayProgram.Start(
            Path.GetDirectoryName(log)!,
            null,
            "dlq", "redrive", "--service-bus", stack.Relay.ConnectionString, "--rate", rate.ToString(CultureInfo.InvariantCulture),
            "--container", log);
        // An operator's machine is another one: here it has what the relay and its bus leave.
        process.PriorityClass = ProcessPriorityClass.Idle;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var exit = process.WaitForExitAsync(cancellationToken);
        while (!exit.IsCompleted && stack.Arrivals.CountOf(letters, time.GetUtcNow()) < until)
        {
            await Task.Delay(Look, time, cancellationToken);
        }

        if (!exit.IsCompleted) end(process);
        await exit;
        var said = (await output).Split('\n').LastOrDefault(static line => line.EndsWith("put back", StringComparison.Ordinal));
        progress.Report($"redrive ended with {process.ExitCode}: {said}");
        // 137 is SIGKILL, of which nothing is said; 1 is of what was interrupted.
        var isKilled = process.ExitCode == 137;
        if (!isKilled && (process.ExitCode is not (0 or 1) || said is null))
        {
            throw new CliFault($"The redrive failed: {await errors}", "It says why.");
        }

        return $"{process.ExitCode}: {said}";
    }

    private static void Interrupt(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static async Task<string> CheckAsync(string folder, CancellationToken cancellationToken)
    {
        using var process = RelayProgram.Start(folder, null, "check", folder, "--without-key");
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode switch
        {
            0 => "right",
            2 => "nothing wrong; whose keys these are was not verified, for want of the vault's",
            _ => output,
        };
    }
}
