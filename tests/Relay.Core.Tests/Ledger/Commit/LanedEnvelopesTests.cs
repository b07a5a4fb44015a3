using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;
using Relay.Core.Tests.Ledger.Rules;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Urgent goes first, normal keeps its tenth, and a stream its order.</summary>
public sealed class LanedEnvelopesTests
{
    private const int Bytes = 4 * 1_024 * 1_024;

    [Fact]
    public void Take_WithABacklogOfNormalOnes_HasEveryUrgentOneFirst()
    {
        var waiting = new LanedEnvelopes(100_000);
        Add(waiting, Lane.Normal, 50_000);
        waiting.Take(256, Bytes);
        Add(waiting, Lane.Urgent, 200);
        var next = waiting.Take(256, Bytes);
        Assert.Equal(200, next.Count(IsUrgent));
        Assert.All(next[..200], envelope => Assert.True(IsUrgent(envelope)));
        Assert.Equal(256, next.Count);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(100)]
    [InlineData(10)]
    [InlineData(3)]
    [InlineData(1)]
    public void Take_WithABacklogOfUrgentOnes_KeepsATenthForNormalOnes(int most)
    {
        var waiting = new LanedEnvelopes(100_000);
        Add(waiting, Lane.Urgent, 40_000);
        Add(waiting, Lane.Normal, 5_000);
        var groups = 10_000 / most;
        var taken = Enumerable.Range(0, groups).SelectMany(_ => waiting.Take(most, Bytes)).ToList();
        Assert.Equal(groups * most, taken.Count);
        var normal = taken.Count(envelope => !IsUrgent(envelope));
        Assert.InRange(normal, taken.Count / 10 - 1, taken.Count / 10 + 1);
        foreach (var lane in taken.GroupBy(IsUrgent))
        {
            Assert.Equal(Enumerable.Range(1, lane.Count()), lane.Select(envelope => (int)envelope.Outcome.Task.AsyncState!));
        }
    }

    [Fact]
    public void Take_OfLongOnes_KeepsATenthOfTheBytesToo()
    {
        var waiting = new LanedEnvelopes(1_000);
        Add(waiting, Lane.Urgent, 1_000);
        Add(waiting, Lane.Normal, 1_000);
        var length = (int)Median(waiting);
        var taken = waiting.Take(256, 100 * length);
        Assert.InRange(taken.Count, 98, 101);
        Assert.InRange(taken.Count(envelope => !IsUrgent(envelope)), 9, 11);
    }

    [Fact]
    public void Take_WhatIsLongerThanAllBytes_TakesItAlone()
    {
        var waiting = new LanedEnvelopes(10);
        Add(waiting, Lane.Normal, 2);
        Assert.Single(waiting.Take(256, 1));
        Assert.Single(waiting.Take(256, 1));
        Assert.Empty(waiting.Take(256, 1));
    }

    [Fact]
    public void TryAdd_WhenNormalOnesAreMany_StillTakesUrgentOnes()
    {
        var waiting = new LanedEnvelopes(3);
        Add(waiting, Lane.Normal, 3);
        Assert.False(waiting.TryAdd(Make(Lane.Normal, 4)));
        Assert.True(waiting.TryAdd(Make(Lane.Urgent, 1)));
        Assert.Equal(4, waiting.Count);
    }

    private static bool IsUrgent(WaitingEnvelope envelope) => envelope.Candidate.Id.Lane == Lane.Urgent;

    private static double Median(LanedEnvelopes waiting) => waiting.Take(1, Bytes)[0].Candidate.Wire.Length;

    private static readonly Candidate Normal = DecisionModel.Make(1, null);
    private static readonly Candidate Urgent = DecisionModel.Make(1, null, lane: Lane.Urgent);

    private static void Add(LanedEnvelopes waiting, Lane lane, int count)
    {
        // One head for all: only the lane and the length matter here, and heads are dear.
        var one = lane == Lane.Urgent ? Urgent : Normal;
        for (var i = 1; i <= count; i++) Assert.True(waiting.TryAdd(new WaitingEnvelope(one, new TaskCompletionSource<CommitOutcome>(i))));
    }

    private static WaitingEnvelope Make(Lane lane, long sequence) =>
        new(DecisionModel.Make(sequence, null, lane: lane), new TaskCompletionSource<CommitOutcome>());
}
