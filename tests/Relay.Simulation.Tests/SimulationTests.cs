using System.Collections.Concurrent;
using System.Globalization;

namespace Relay.Simulation.Tests;

/// <summary>
/// Many small worlds, each of another seed. <c>RELAY_SIM_SEEDS</c> says how many
/// (2,000 unless told), <c>RELAY_SIM_FIRST</c> the first seed (drawn unless told),
/// <c>RELAY_SIM_SEED</c> runs a single one again.
/// </summary>
public sealed class SimulationTests
{
    private const int DefaultSeeds = 2_000;

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
        var next = first - 1;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            int seed;
            while (failures.Count < 20 && (seed = Interlocked.Increment(ref next)) < first + count)
            {
                if (RunOne(seed) is { } failure) failures.Enqueue(failure);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.True(
            failures.IsEmpty,
            $"{failures.Count} of the seeds from {first} on failed; run one again with RELAY_SIM_SEED:\n{string.Join("\n", failures)}");
    }

    /// <summary>Worlds in which a promise was broken once.</summary>
    [Theory]
    [InlineData(1020348)]
    [InlineData(1032928)]
    [InlineData(1126632181)]
    public void Ledger_InAWorldThatFailedOnce_KeepsItsPromises(int seed) => Report(RunOne(seed));

    [Fact]
    public void World_OfOneSeed_HappensTheSameWayTwice()
    {
        var (one, other) = (new World(4711), new World(4711));
        OnOwnThread(one.Run);
        OnOwnThread(other.Run);
        Assert.Equal(one.Describe(), other.Describe());
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    // Null when all is well.
    private static string? RunOne(int seed)
    {
        var world = new World(seed);
        try
        {
            // Threads made here have no synchronisation context, so continuations run inline.
            if (SynchronizationContext.Current is null) world.Run();
            else OnOwnThread(world.Run);
            return null;
        }
#pragma warning disable CA1031 // Whatever a run throws is its result.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return $"{world.Describe()}\n  {e.Message.ReplaceLineEndings(" ")} {e.InnerException}";
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
