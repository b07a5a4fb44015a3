using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Messaging.ServiceBus;
using Relay.Client.Mediators;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>
/// Many <c>relay sign</c> at once on one stream, some killed at any moment: no sequence is given twice, and what is lost can be made again.
/// </summary>
/// <remarks>24 of them; as many as the environment variable RELAY_SIGNINGS says for a long run.</remarks>
public sealed partial class ParallelSigningTests : CommandStack
{
    private const int Workers = 8;

    // Every third, at a moment of the whole time that a signing takes here.
    private const int KilledOf = 3;
    private const int Seed = 20261129;

    private static readonly int Signings =
        int.TryParse(Environment.GetEnvironmentVariable("RELAY_SIGNINGS"), CultureInfo.InvariantCulture, out var signings) ? signings : 24;

    private string Copies => PathOf(Path.Combine("delegations", "us", "streams", "doha-2026-normal"));

    [Fact]
    public async Task Sign_ManyAtOnceIn8ProcessesWithKills_GivesEachSequenceOnceAndTheRepairedStreamArrivesWhole()
    {
        var started = TimeProvider.System.GetTimestamp();
        await SignAsync("0.json", "statement 0", "normal");
        // All wait for one another: a signing takes up to as long as its whole round.
        var longest = TimeProvider.System.GetElapsedTime(started) * Workers / 2;
        var killed = await SignAllAsync(longest);

        var kept = Directory.GetFiles(Copies, "*.json").Select(Read).OfType<Envelope>().ToDictionary(envelope => envelope.Id.Sequence);
        // In order, so that one in the middle has others after it: a folder lists its files as it likes.
        var left = Directory.GetFiles(State, "*.json")
            .Where(path => OutName().IsMatch(Path.GetFileName(path)))
            .Select(Read)
            .OfType<Envelope>()
            .OrderBy(envelope => envelope.Id.Sequence)
            .ToList();
        Assert.Equal(left.Count, left.Select(envelope => envelope.Id.Sequence).Distinct().Count());
        Assert.All(left, envelope => Assert.Equal(envelope.Digest, kept[envelope.Id.Sequence].Digest));
        var made = await MadeAsync();
        Assert.True(made >= left.Count && made <= 1 + Signings, $"{made} made, {left.Count} files");
        for (var sequence = 2L; sequence <= made; sequence++)
        {
            Assert.Equal(kept[sequence - 1].Digest, kept[sequence].Head.Previous);
        }

        // One is lost for certain, whatever the kills took: its file is gone before it was handed over.
        var lost = left[left.Count / 2].Id.Sequence;
        var handed = left.Where(envelope => envelope.Id.Sequence != lost).OrderByDescending(envelope => envelope.Id.Sequence).ToList();
        await SubmitAsync(handed);
        await SaysAsync($"gap: doha-2026/us/normal/{lost} ", "status", "us", "--grace", "0s");
        await SaysAsync("held: ", "audit", "us", "--grace", "0s");

        var repaired = await RepairAsync();
        Assert.Equal(made, await MadeAsync());
        // Without answers, so that the ledger's entries can be counted.
        var heard = await SucceedAsync("listen", "iran", "--no-acknowledge", "--count", made.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(
            Enumerable.Range(1, (int)made).Select(sequence => $"doha-2026/us/normal/{sequence}"),
            HeardId().Matches(heard).Select(match => match.Groups[1].Value));
        var said = HeardText().Matches(heard).Select(match => match.Value).ToList();
        Assert.Equal((int)made, said.Distinct(StringComparer.Ordinal).Count());
        foreach (var by in new[] { "us", "iran" })
        {
            var audit = await SucceedAsync("audit", by);
            Assert.Contains("All is well", audit, StringComparison.Ordinal);
            // The policy and the envelopes: no entry says that anybody contradicted itself.
            Assert.Contains($"{made + 1} entries", audit, StringComparison.Ordinal);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Signings} signings and one before, {killed} killed; {made} sequences, {left.Count} files left, "
                + $"{repaired.Count} made again: {string.Join(", ", repaired)}");
    }

    // Returns how many did not come to their end.
    private async Task<int> SignAllAsync(TimeSpan longest)
    {
        var random = new Random(Seed);
        var work = new ConcurrentQueue<(int Number, TimeSpan? Until)>(
            Enumerable.Range(1, Signings)
                .Select(number => (number, number % KilledOf == 0 ? longest * random.NextDouble() : (TimeSpan?)null)));
        var killed = 0;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            while (work.TryDequeue(out var next))
            {
                if (!await SignAsync(next.Number, next.Until)) Interlocked.Increment(ref killed);
            }
        }));
        return killed;
    }

    private async Task<bool> SignAsync(int number, TimeSpan? until)
    {
        using var process = Start(
            "sign", "--from", "us", "--to", "iran", "--text", $"statement {number}", "--lifetime", "3h", "--out", PathOf($"{number}.json"));
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var ended = process.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (until is { } moment)
        {
            try
            {
                await ended.WaitAsync(moment, TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                process.Kill();
            }
        }

        await TestDeadline.Within(ended);
        await output;
        Assert.True(process.ExitCode == 0 || until is not null, await errors);
        return process.ExitCode == 0;
    }

    private async Task SubmitAsync(IEnumerable<Envelope> envelopes)
    {
        await using var bus = new ServiceBusClient(LocalEndpoints.TryRead(State)!.ServiceBus);
        await using var submitter = new EnvelopeSubmitter(bus, TimeProvider.System);
        foreach (var envelope in envelopes)
        {
            await submitter.SubmitAsync(envelope, TestContext.Current.CancellationToken);
        }
    }

    // The relay takes what was handed over in its own time: asked until it has, and never told meanwhile that all is well.
    private async Task SaysAsync(string said, params string[] arguments)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (code, output, errors) = await RunApartAsync(arguments);
            Assert.True(code == 1 && !output.Contains("All is well", StringComparison.Ordinal), output + errors);
            if (output.Contains(said, StringComparison.Ordinal)) return;
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TestDeadline.Default, $"Never said: {said}\n{output}{errors}");
        }
    }

    // Does what the status says until it has nothing to say; each round is as long as a process lives, and the relay works meanwhile.
    private async Task<SortedSet<long>> RepairAsync()
    {
        var repaired = new SortedSet<long>();
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (code, status, _) = await RunApartAsync("status", "us", "--grace", "0s");
            if (code == 0 && status.Contains("Everything made is in the ledger", StringComparison.Ordinal)) return repaired;
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TestDeadline.Default * 4, status);
            foreach (Match advice in Advice().Matches(status))
            {
                var file = PathOf(advice.Groups["file"].Value);
                // The file is for the folder of whoever reads it; the state folder is named by the runner, too.
                await SucceedAsync([.. advice.Groups["sign"].Value.Split(' '), "--out", file, "--force"]);
                await SucceedAsync("submit", file);
                repaired.Add(Read(file)!.Id.Sequence);
            }
        }
    }

    private async Task<long> MadeAsync()
    {
        var (_, status, errors) = await RunAsync("status", "us", "--grace", "1h");
        var made = Made().Match(status);
        Assert.True(made.Success, status + errors);
        return long.Parse(made.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    // Null for what a kill cut short.
    private static Envelope? Read(string path) =>
        Envelope.TryParse(File.ReadAllBytes(path), EnvelopeLimits.Default, out var envelope, out _, out _) ? envelope : null;

    [GeneratedRegex("^[0-9]+\\.json$")]
    private static partial Regex OutName();

    [GeneratedRegex("made 1 to ([0-9]+)")]
    private static partial Regex Made();

    [GeneratedRegex(" (?<sign>sign --again [0-9]+ [^,]*?) --out (?<file>\\S+)[^,]*, then \\S.* submit ")]
    private static partial Regex Advice();

    [GeneratedRegex("^(doha-2026/us/normal/[0-9]+) signed by", RegexOptions.Multiline)]
    private static partial Regex HeardId();

    [GeneratedRegex("statement [0-9]+")]
    private static partial Regex HeardText();
}
