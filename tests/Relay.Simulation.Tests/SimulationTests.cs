using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Relay.Simulation.Tests.Bus;
using Relay.Simulation.Tests.Rare;

namespace Relay.Simulation.Tests;

/// <summary>
/// Many small worlds, each of another seed. <c>RELAY_SIM_SEEDS</c> says how many
/// (1,500 unless told), <c>RELAY_SIM_FIRST</c> the first seed (drawn unless told),
/// <c>RELAY_SIM_SEED</c> runs a single one again. <c>RELAY_SIM_TRACES</c> names a file that takes a line of each world: two
/// processes with the same seeds must write the same lines, or there is chance that no seed draws.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 1_500;

    // So many that each rare state occurs in at least a dozen of them.
    private const int SeedsForRareStates = 1_500;

    // For those that come in one of some 500.
    private const int SeedsForRarest = 10_000;
    private static int _traces;

    // Guards the file of traces.
    private static readonly Lock Traces = new();
    private static readonly RareState[] Rarest = [RareState.ThrottleEnded, RareState.SwapAfterDeadline, RareState.PolicyOutdated];

    [Fact]
    public void Ledger_UnderFaultsCrashesAndLies_KeepsItsPromises()
    {
        if (Setting("RELAY_SIM_SEED") is { } single)
        {
            Report(RunOne(single));
            return;
        }

        var count = Setting("RELAY_SIM_SEEDS") ?? DefaultSeeds;
        var first = Setting("RELAY_SIM_FIRST") ?? System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue - count);
        TestContext.Current.SendDiagnosticMessage($"seeds {first} to {first + count - 1}");
        var failures = new ConcurrentQueue<string>();
        var rare = new ConcurrentDictionary<RareState, int>();
        var next = first - 1;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            int seed;
            while (failures.Count < 20 && (seed = Interlocked.Increment(ref next)) < first + count)
            {
                if (RunOne(seed, rare) is { } failure) failures.Enqueue(failure);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.True(
            failures.IsEmpty,
            $"{failures.Count} of the seeds from {first} on failed; run one again with RELAY_SIM_SEED:\n{string.Join("\n", failures)}");
        var worlds = Enum.GetValues<RareState>().Select(state => (State: state, Count: rare.GetValueOrDefault(state))).ToList();
        output.WriteLine($"{count} worlds from {first} on, {_traces} traces of parties judged; "
            + $"in how many worlds: {string.Join(", ", worlds)}");
        if (count < SeedsForRareStates) return;
        var never = worlds.Where(pair => pair.Count == 0 && (count >= SeedsForRarest || !Rarest.Contains(pair.State)))
            .Select(pair => pair.State);
        Assert.True(!never.Any(), $"in {count} worlds from {first} on this never occurred: {string.Join(", ", never)}");
    }

    [Fact]
    public void World_OfOneSeed_HappensTheSameWayTwice()
    {
        var (one, other) = (new World(4711), new World(4711));
        OnOwnThread(one.Run);
        OnOwnThread(other.Run);
        Assert.Equal(one.Describe(), other.Describe());
    }

    // A world that fails is of use only if whoever runs its seed again sees the same one.
    [Fact]
    public async Task World_OfOneSeed_HappensTheSameWayInAnotherProcess()
    {
        const int first = 4_711, count = 20;
        var file = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Add(typeof(World).Assembly.Location);
            foreach (var argument in new[] { "-method", $"*.{nameof(Ledger_UnderFaultsCrashesAndLies_KeepsItsPromises)}" })
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["RELAY_SIM_FIRST"] = first.ToString(CultureInfo.InvariantCulture);
            start.Environment["RELAY_SIM_SEEDS"] = count.ToString(CultureInfo.InvariantCulture);
            start.Environment["RELAY_SIM_TRACES"] = file;
            start.Environment.Remove("RELAY_SIM_SEED");
            using var process = Process.Start(start)!;
            var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, said);
            var here = Enumerable.Range(first, count).Select(static seed =>
            {
                var world = new World(seed);
                OnOwnThread(world.Run);
                return world.Describe();
            });
            var there = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
            Assert.Equal(here.Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void PartyJudge_OfWhatALiarDoes_SaysWhichToolAccusesIt()
    {
        OnOwnThread(() =>
        {
            var world = RunHonest();
            Assert.Contains("audit of iran: Missing", Accusation(world, static came => came.Clear()), StringComparison.Ordinal);
            world = RunHonest();
            var words = Accusation(world, static came => came[^1] = came[^1] with { Receipt = Another(came).Receipt });
            Assert.True(words.Contains("receipt-for-other-envelope", StringComparison.Ordinal), words);
            world = RunHonest();
            world.Bus.Enqueue([1], 0, TimeSpan.Zero);
            Assert.Contains("wait on the queue", world.JudgeRest()!, StringComparison.Ordinal);
        });
    }

    // A world in which iran gets several envelopes and no stream is short-lived.
    private static World RunHonest()
    {
        for (var seed = 1; ; seed++)
        {
            var world = new World(seed);
            world.Run();
            var negotiations = Came(world).GroupBy(message => message.Id.Negotiation).ToList();
            var isRich = negotiations.Count > 0
                && negotiations.TrueForAll(came => came.Select(message => message.Id).Distinct().Count() > 2);
            if (isRich && world.IsLongLived) return world;
        }
    }

    private static SimBus.Forwarded Another(List<SimBus.Forwarded> came) =>
        came.First(other => other.Id != came[^1].Id && other.Id.Negotiation == came[^1].Id.Negotiation);

    private static List<SimBus.Forwarded> Came(World world) => world.Bus.Topics.GetValueOrDefault("delegation-iran", []);

    private static string Accusation(World world, Action<List<SimBus.Forwarded>> lie)
    {
        Assert.Null(world.JudgeAs("iran"));
        lie(Came(world));
        return world.JudgeAs("iran")!;
    }

    // What never happens in a world is not tested by it.
    [Fact]
    public void Worlds_WithRecipientsThatAnswer_SeeEveryKindOfAnswer()
    {
        var seen = new HashSet<Relay.Core.Rulings.AcknowledgementVerdict>();
        for (var seed = 4710; seed < 4810; seed += 5)
        {
            var world = new World(seed);
            OnOwnThread(world.Run);
            seen.UnionWith(world.Verdicts);
        }

        Assert.Equal(["Logged", "OtherState", "Repeated"], seen.Select(verdict => verdict.ToString()).Order(StringComparer.Ordinal));
    }

    private static void WriteTrace(World world)
    {
        if (Environment.GetEnvironmentVariable("RELAY_SIM_TRACES") is not { Length: > 0 } file) return;
        lock (Traces)
        {
            File.AppendAllText(file, world.Describe() + "\n");
        }
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    // Null when all is well.
    private static string? RunOne(int seed, ConcurrentDictionary<RareState, int>? rare = null)
    {
        // An ordinary run asks one party of every other world; longer ones ask everybody.
        var asks = seed % 2 == 0 ? Asked.One : Asked.Nobody;
        var world = new World(seed) { Asks = rare is null || Setting("RELAY_SIM_SEEDS") is not null ? Asked.Everybody : asks };
        try
        {
            // Threads made here have no synchronisation context, so continuations run inline.
            if (SynchronizationContext.Current is null) world.Run();
            else OnOwnThread(world.Run);
            Interlocked.Add(ref _traces, world.Traces);
            WriteTrace(world);
            foreach (var state in world.Rare.Seen) rare?.AddOrUpdate(state, 1, static (_, count) => count + 1);
            return null;
        }
#pragma warning disable CA1031 // Whatever a run throws is its result.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return $"{world.Describe()}\n  {e.Message.ReplaceLineEndings(" ")} {(e is NullReferenceException ? e : e.InnerException)}";
        }
    }

    private static void OnOwnThread(Action run)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                run();
            }
#pragma warning disable CA1031 // Carried to the caller's thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private static void Report(string? failure) => Assert.True(failure is null, failure);
}
