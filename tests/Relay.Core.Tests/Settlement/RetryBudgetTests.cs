using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Testing;

namespace Relay.Core.Tests.Settlement;

/// <summary>
/// What an outage makes of the traffic: retries are a tenth of it, whatever has failed, and nothing comes back all at once.
/// </summary>
public sealed class RetryBudgetTests
{
    private static readonly Ruling Down = new(Verdict.LedgerUnavailable, "ledger-unavailable", "expected this, got that");

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Plan_AFewFailures_WaitForTheirBackOffOnly()
    {
        var policy = new SettlementPolicy(new RetryBackoff(() => 0.5), _time, new ServiceClock(_time));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(_time.GetUtcNow() + new RetryBackoff(() => 0.5).After(0), policy.Plan(Down, 0).CopyAt);
        }
    }

    [Fact]
    public void TryTake_WhileTheClockIsSetBack_GivesTheNextFreeMomentAllTheSame()
    {
        var clock = new SetClock(_time) { Offset = TimeSpan.FromMinutes(10) };
        var budget = new RetryBudget(clock);
        for (var i = 0; i < 100; i++) Assert.Equal(TimeSpan.Zero, budget.TryTake());
        clock.Offset = TimeSpan.Zero;
        Assert.Equal(TimeSpan.FromMilliseconds(100), budget.TryTake());
    }

    [Theory]
    [InlineData(200, 30)]
    [InlineData(1_000, 20)]
    [InlineData(5, 60)]
    public void Retries_OfAnOutage_AreATenthOfTheTrafficOrTenASecond(int perSecond, int seconds)
    {
        var random = new Random(perSecond);
        var policy = new SettlementPolicy(new RetryBackoff(random.NextDouble), _time, new ServiceClock(_time));
        var due = new PriorityQueue<int, DateTimeOffset>();
        // A minute of good traffic, by which the budget knows it.
        var start = _time.GetUtcNow();
        Run(60, _ => { }, isDown: false);
        var retries = new int[seconds];
        Run(seconds, second => retries[second]++, isDown: true);

        // What is free at once is the burst; then the rate.
        var allowed = Math.Max(RetryBudget.Free, perSecond / (double)RetryBudget.Part);
        Assert.InRange(retries.Sum(), 1, 100 + allowed * seconds * 1.1 + 1);
        Assert.All(retries.Skip(seconds / 2), count => Assert.InRange(count, 0, 3 * allowed + 10));
        Assert.True(due.Count > 0);

        void Run(int length, Action<int> noteRetry, bool isDown)
        {
            for (var second = 0; second < length; second++)
            {
                for (var i = 0; i < perSecond; i++)
                {
                    _time.Advance(TimeSpan.FromSeconds(1.0 / perSecond));
                    while (due.TryPeek(out var attempt, out var at) && at <= _time.GetUtcNow())
                    {
                        due.Dequeue();
                        noteRetry(second);
                        Settle(attempt);
                    }
                    Settle(0);
                }
            }

            void Settle(int attempt)
            {
                var plan = policy.Plan(isDown ? Down : new Ruling(Verdict.Forwarded, "forwarded", ""), attempt);
                if (plan.CopyAt is { } at) due.Enqueue(plan.CopyAttempt, at);
            }
        }
    }

    [Fact]
    public void Plan_WhenNoMomentIsFree_SpreadsWhatIsLeftOverTheLongestWait()
    {
        var random = new Random(1);
        var policy = new SettlementPolicy(new RetryBackoff(random.NextDouble), _time, new ServiceClock(_time));
        var now = _time.GetUtcNow();
        var waits = Enumerable.Range(0, 20_000).Select(_ => policy.Plan(Down, 3).CopyAt!.Value - now).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, RetryBackoff.Least, RetryBackoff.Most + TimeSpan.FromMilliseconds(1)));
        // One each tenth of a second, then the others in the second half of five minutes, in every second about as many.
        var late = waits.Where(wait => wait > RetryBackoff.Most / 2)
            .GroupBy(wait => (int)wait.TotalSeconds)
            .Select(group => group.Count())
            .ToList();
        Assert.InRange(late.Max(), 1, 20_000 / 150 * 2);
        Assert.InRange(waits.Count(wait => wait < TimeSpan.FromSeconds(100)), 900, 1_300);
    }

    [Fact]
    public void Plan_WhatIsOnlyEarly_TakesNothingOfTheBudget()
    {
        var policy = new SettlementPolicy(new RetryBackoff(() => 0), _time, new ServiceClock(_time));
        var early = new Ruling(Verdict.HoldFull, "hold-full", "") { RetryWithin = TimeSpan.FromSeconds(2) };
        for (var i = 0; i < 10_000; i++) policy.Plan(early, 0);
        Assert.Equal(_time.GetUtcNow() + RetryBackoff.Least, policy.Plan(Down, 0).CopyAt);
    }
}
