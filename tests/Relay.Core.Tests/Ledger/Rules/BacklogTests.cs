using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Protocol.Envelopes;
using static Relay.Core.Tests.Ledger.Rules.DecisionModel;

namespace Relay.Core.Tests.Ledger.Rules;

/// <summary>More waits than can be held, in any order: nobody takes another's room, and it drains.</summary>
public sealed class BacklogTests
{
    private const int Delegations = 12;
    private static readonly int Reach = LedgerLimits.ReachOf(Delegations);

    [Theory]
    [InlineData(1, 256)]
    [InlineData(2, 128)]
    [InlineData(12, 21)]
    [InlineData(65, 3)]
    [InlineData(1_000, 1)]
    public void ReachOf_Delegations_IsAStreamsShareOfWhatANegotiationHolds(int delegations, int reach) =>
        Assert.Equal(reach, LedgerLimits.ReachOf(delegations));

    [Fact]
    public void Decide_BeyondTheReach_IsHoldFullAndComesAgainSoonerTheNearerItIs()
    {
        var model = new DecisionModel();
        var rulings = model.Commit(Far(Reach + 1), Far(Reach + 2), Far(10 * Reach + 1)).Rulings;
        Assert.Equal([ReasonCodes.Held, ReasonCodes.HoldFull, ReasonCodes.HoldFull], rulings.Select(ruling => ruling.Ruling?.Reason));
        Assert.Null(rulings[0].Ruling!.RetryWithin);
        Assert.InRange(rulings[1].Ruling!.RetryWithin!.Value.TotalSeconds, 2, 3);
        Assert.Equal(20, rulings[2].Ruling!.RetryWithin!.Value.TotalSeconds, 6);
    }

    [Fact]
    public void Decide_OneSenderThatHoldsAllItCan_LeavesTheOthersTheirRoom()
    {
        var model = new DecisionModel();
        foreach (var lane in new[] { Lane.Normal, Lane.Urgent })
        {
            model.Commit([.. Enumerable.Range(2, 600).Select(sequence => Make(sequence, null, "us", lane) with { Reach = Reach })]);
        }

        Assert.Equal(2 * Reach, model.State.Streams.Sum(stream => stream.Held.Length));
        for (var other = 1; other < Delegations; other++)
        {
            var chain = Chain(Reach + 1, $"d{other}");
            Assert.All(
                model.Commit([.. chain.Skip(1).Select(candidate => candidate with { Reach = Reach })]).Rulings,
                ruling => Assert.Equal(ReasonCodes.Held, ruling.Ruling?.Reason));
        }
    }

    [Fact]
    public void Decide_BacklogInAnyOrder_DrainsInATimeThatGrowsWithItsLengthOnly()
    {
        const int length = 400;
        const int atOnce = 16;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var backoff = new RetryBackoff(random.NextDouble);
        var model = new DecisionModel();
        var chain = Chain(length).Select(candidate => candidate with { Reach = Reach }).ToArray();
        var queue = new PriorityQueue<Candidate, TimeSpan>();
        random.Shuffle(chain);
        foreach (var candidate in chain) queue.Enqueue(candidate, TimeSpan.Zero);
        var (now, tries) = (TimeSpan.Zero, 0);
        while (queue.TryPeek(out _, out var next))
        {
            now = next;
            var group = new List<Candidate>();
            while (group.Count < atOnce && queue.TryPeek(out _, out var due) && due <= now) group.Add(queue.Dequeue());
            tries += group.Count;
            var rulings = model.Commit(group, [.. model.State.Outstanding.Select(entry => entry.Index)]).Rulings;
            for (var i = 0; i < group.Count; i++)
            {
                if (rulings[i].Ruling?.Reason == ReasonCodes.HoldFull)
                {
                    queue.Enqueue(group[i], now + backoff.Within(rulings[i].Ruling!.RetryWithin!.Value));
                }
                else Assert.True(rulings[i].Ruling?.Reason is null or ReasonCodes.Held, $"seed {seed}: {rulings[i]}");
            }

            Assert.True(
                now < TimeSpan.FromMinutes(10), $"seed {seed}: {model.State.Size} of {length + 1} entries after {now}, {tries} tries");
        }

        Assert.Equal(length, model.Stream().Last);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}: {now}, {tries} tries");
    }

    private static Candidate Far(long sequence) => Make(sequence, null) with { Reach = Reach };
}
