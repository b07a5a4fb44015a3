using System.Text;
using Relay.Benchmarks.Shapes;

namespace Relay.IntegrationTests.Benchmarks;

/// <summary>What the benchmark of shapes measures is every envelope once, in the order that it names.</summary>
public sealed class ShapeBenchTests
{
    [Theory]
    [InlineData(0, "a1 b1 a2 b2 a3 b3")]
    [InlineData(2, "a3 b3 a2 b2 a1 b1")]
    public void Arrange_TwoShortStreams_TakesThemInTurns(int order, string expected)
    {
        byte[][] StreamOf(string name) => [.. Enumerable.Range(1, 3).Select(i => Encoding.ASCII.GetBytes($"{name}{i}"))];
        var arranged = Shape.Arrange([StreamOf("a"), StreamOf("b")], (ShapeOrder)order, new Random(1));
        Assert.Equal(expected, string.Join(' ', arranged.Select(Encoding.ASCII.GetString)));
    }

    [Fact]
    public void Arrange_ReversedBeyondOneWindow_ReversesWithinEach()
    {
        var stream = Enumerable.Range(0, 150).Select(i => new[] { (byte)i }).ToArray();
        var arranged = Shape.Arrange([stream], ShapeOrder.Reversed, new Random(1)).ConvertAll(wire => (int)wire[0]);
        int[] expected = [.. Backwards(0, 64), .. Backwards(64, 64), .. Backwards(128, 22)];
        Assert.Equal(expected, arranged);
    }

    [Fact]
    public async Task Run_SmallRandomShape_ForwardsEachOnceAndCountsTheStore()
    {
        var bench = new ShapeBench(64, batch: 3, perSecond: 0, TimeSpan.FromMinutes(2), TimeSpan.Zero, TimeProvider.System);
        var shape = new Shape(ShapeStore.Memory, Negotiations: 3, Senders: 2, Workers: 2, ShapeOrder.Random, Envelopes: 60);
        var result = await bench.RunAsync(shape, seed: 7, TestContext.Current.CancellationToken);
        Assert.True(result.IsComplete);
        Assert.Equal(60, result.Done);
        Assert.True(result.Store.ConditionalPuts >= 3, $"{result.Store}");
        Assert.True(result.Store.BytesPut > 60 * 64, $"{result.Store}");
        Assert.True(result.Bus.Sent >= 60, $"{result.Bus}");
        Assert.Equal(0, result.Bus.DeadLettered);
    }

    private static IEnumerable<int> Backwards(int first, int count) => Enumerable.Range(first, count).Reverse();
}
