using Relay.Benchmarks.Pipeline;

namespace Relay.IntegrationTests.Benchmarks;

/// <summary>What the benchmark measures is real work with the right outcome, and no more memory than agreed.</summary>
public sealed class PipelineBenchTests
{
    // Measured 4,848 bytes for a 2,110-byte envelope in Release; the wire, head and content and the parts they are read into.
    private const long MaxBytesPerEnvelope = 8 * 1024;

    [Fact]
    public async Task Examine_OneEnvelope_StaysWithinItsAllocationBudget()
    {
        const int rounds = 200;
        await using var bench = await PipelineBench.CreateAsync(256, TimeProvider.System, TestContext.Current.CancellationToken);
        for (var i = 0; i < rounds; i++)
        {
            await bench.ExamineAsync(TestContext.Current.CancellationToken);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < rounds; i++)
        {
            await bench.ExamineAsync(TestContext.Current.CancellationToken);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / rounds;
        Assert.InRange(each, 1, MaxBytesPerEnvelope);
        bench.VerifyBare();
    }
}
