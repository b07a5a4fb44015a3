using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Testing;

namespace Relay.Core.Tests.Settlement;

public sealed class SettlementPolicyTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(null, 0)]
    [InlineData(3, 3)]
    [InlineData(3L, 3)]
    [InlineData(-1, 0)]
    [InlineData(int.MaxValue, 1_000)]
    [InlineData(long.MaxValue, 1_000)]
    [InlineData("7", 0)]
    [InlineData(1.5, 0)]
    public void ReadAttempt_WhateverAPeerWrote_IsACount(object? property, int attempt) =>
        Assert.Equal(attempt, SettlementPolicy.ReadAttempt(property));

    [Fact]
    public void Plan_EveryVerdict_FollowsTheTable()
    {
        foreach (var verdict in Enum.GetValues<Verdict>())
        {
            var plan = Policy(0).Plan(Ruling(verdict), attempt: 0);
            Assert.Equal(VerdictTable.For(verdict).Settlement, plan.Settlement);
            Assert.Equal(plan.Settlement is SettlementAction.Retry or SettlementAction.Postpone, plan.CopyAt is not null);
        }
    }

    [Fact]
    public void Plan_Transient_SchedulesTheNextAttempt()
    {
        var plan = Policy(0.5).Plan(Ruling(Verdict.KeyUnavailable), attempt: 2);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromSeconds(0.5 + 3.5 / 2), plan.CopyAt);
        Assert.Equal(3, plan.CopyAttempt);
    }

    [Fact]
    public void Plan_TransientPastTheEndOfLife_IsDueAtTheEnd()
    {
        var end = _time.GetUtcNow() + TimeSpan.FromSeconds(10);
        Assert.Equal(end, Policy(0.99).Plan(Ruling(Verdict.TopicUnavailable) with { ExpiresAt = end }, attempt: 9).CopyAt);
    }

    [Fact]
    public void Plan_TransientAtTheEndOfLife_IsDeadLetteredAsExpired()
    {
        var plan = Policy(0).Plan(Ruling(Verdict.DirectoryUnavailable) with { ExpiresAt = _time.GetUtcNow() }, attempt: 5);
        Assert.Equal(SettlementAction.DeadLetter, plan.Settlement);
        Assert.Equal((Verdict.Expired, "expired"), (plan.Ruling.Verdict, plan.Ruling.Reason));
        Assert.Contains("last: some-reason: expected this, got that", plan.Ruling.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_Early_ComesAgainWithinItsTimeAndKeepsTheAttempt()
    {
        var plan = Policy(0.5).Plan(Ruling(Verdict.HoldFull) with { RetryWithin = TimeSpan.FromSeconds(20.5) }, attempt: 9);
        Assert.Equal(
            (SettlementAction.Retry, _time.GetUtcNow() + TimeSpan.FromSeconds(10.5), 9), (plan.Settlement, plan.CopyAt, plan.CopyAttempt));
    }

    [Fact]
    public void Plan_EarlyAndKept_ComesAgainBetweenItsTimes()
    {
        var ruling = Ruling(Verdict.HoldFull) with { RetryFrom = TimeSpan.FromSeconds(30), RetryWithin = TimeSpan.FromSeconds(60) };
        var plan = Policy(0.5).Plan(ruling, attempt: 9);
        Assert.Equal((_time.GetUtcNow() + TimeSpan.FromSeconds(45), 9), (plan.CopyAt, plan.CopyAttempt));
    }

    [Fact]
    public void Plan_Embargoed_KeepsTheAttempt()
    {
        var until = _time.GetUtcNow() + TimeSpan.FromHours(3);
        var plan = Policy(0).Plan(Ruling(Verdict.Embargoed) with { Until = until }, attempt: 4);
        Assert.Equal((until, 4), (plan.CopyAt, plan.CopyAttempt));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Plan_ItsTimeHasComeByTheBussClockAlone_WaitsForWhatOursIsBehind(int waited)
    {
        var until = _time.GetUtcNow() + TimeSpan.FromSeconds(3);
        var enqueuedAt = until + TimeSpan.FromSeconds(waited);
        var plan = Policy(0).Plan(Ruling(Verdict.Embargoed) with { Until = until }, 0, enqueuedAt);
        Assert.Equal(enqueuedAt + TimeSpan.FromSeconds(3), plan.CopyAt);
        // One that the bus made visible before its time comes at it.
        Assert.Equal(until, Policy(0).Plan(Ruling(Verdict.Embargoed) with { Until = until }, 0, until.AddTicks(-1)).CopyAt);
    }

    [Fact]
    public void Plan_ItsTimeAfterItsEnd_ComesAtItsEndToBeToldSo()
    {
        var end = _time.GetUtcNow() + TimeSpan.FromHours(1);
        var ruling = Ruling(Verdict.RateLimited) with { Until = end + TimeSpan.FromDays(3), ExpiresAt = end };
        Assert.Equal((SettlementAction.Postpone, end), (Policy(0).Plan(ruling, 0).Settlement, Policy(0).Plan(ruling, 0).CopyAt));
    }

    [Theory]
    [InlineData(-5, 3, null)]
    [InlineData(0, 3, null)]
    [InlineData(90, 93, null)]
    [InlineData(-5, 10, 19.5)]
    [InlineData(90, 100, 19.5)]
    public void Plan_TransientOnAClockBehindTheBuss_WaitsFromWhenItCame(int cameAfter, int dueAfter, double? within)
    {
        var now = _time.GetUtcNow();
        var ruling = Ruling(Verdict.HoldFull) with { RetryWithin = within is { } longest ? TimeSpan.FromSeconds(longest) : null };
        // Of 0.5 to 4 s that is the middle and a bit, of 0.5 to 19.5 s the middle.
        var plan = Policy(within is null ? 2.5 / 3.5 : 0.5).Plan(ruling, attempt: 2, now.AddSeconds(cameAfter));
        Assert.Equal((SettlementAction.Retry, now.AddSeconds(dueAfter)), (plan.Settlement, plan.CopyAt));
    }

    [Theory]
    [InlineData(Verdict.TopicUnavailable, 3, 10)]
    [InlineData(Verdict.TopicUnavailable, 9, 10)]
    [InlineData(Verdict.TopicUnavailable, 10, 20)]
    [InlineData(Verdict.TopicUnavailable, 90, 100)]
    [InlineData(Verdict.RateLimited, 3, 10)]
    [InlineData(Verdict.RateLimited, 10, 20)]
    [InlineData(Verdict.RateLimited, 90, 100)]
    public void Plan_PastItsEndOnAClockBehindTheBuss_ComesWhenThatHasCome(Verdict verdict, int cameAfter, int dueAfter)
    {
        // A clock that has ten seconds to go to the end tells it so in ten seconds, whatever the bus's says.
        var now = _time.GetUtcNow();
        var end = now.AddSeconds(10);
        var ruling = Ruling(verdict) with { ExpiresAt = end, Until = verdict == Verdict.RateLimited ? end.AddDays(1) : null };
        Assert.Equal(now.AddSeconds(dueAfter), Policy(0.99).Plan(ruling, attempt: 9, now.AddSeconds(cameAfter)).CopyAt);
    }

    [Fact]
    public void Plan_OnAnyClock_SchedulesNoCopyBeforeTheMessageWasVisible()
    {
        var random = new Random(5);
        var now = _time.GetUtcNow();
        DateTimeOffset Near() => now.AddSeconds(random.Next(-100, 100));
        for (var i = 0; i < 10_000; i++)
        {
            var verdict = i % 2 == 0 ? Verdict.LedgerUnavailable : Verdict.Embargoed;
            var (enqueuedAt, end, until) = (Near(), Near(), Near());
            var plan = Policy(random.NextDouble()).Plan(Ruling(verdict) with { ExpiresAt = end, Until = until }, i % 5, enqueuedAt);
            if (plan.CopyAt is { } due) Assert.True(due >= enqueuedAt, $"{verdict} {enqueuedAt:O} {end:O} {until:O}: {due:O}");
            else Assert.True(verdict == Verdict.LedgerUnavailable && end <= now);
        }
    }

    [Fact]
    public void Plan_OnAClockAheadOfTheServices_ExpiresNothingThatHasNotByTheirs()
    {
        var clock = new ServiceClock(_time);
        var policy = new SettlementPolicy(new RetryBackoff(() => 0), _time, clock);
        var ruling = Ruling(Verdict.LedgerUnavailable) with { ExpiresAt = _time.GetUtcNow().AddMinutes(-1) };
        Assert.Equal(SettlementAction.DeadLetter, policy.Plan(ruling, 0).Settlement);
        var theirs = _time.GetUtcNow().AddMinutes(-10);
        clock.Observe(theirs);
        var plan = policy.Plan(ruling, 0);
        Assert.Equal((SettlementAction.Retry, theirs + RetryBackoff.Least), (plan.Settlement, plan.CopyAt));
    }

    private static Ruling Ruling(Verdict verdict) => new(verdict, "some-reason", "expected this, got that");

    private SettlementPolicy Policy(double random) => new(new RetryBackoff(() => random), _time, new ServiceClock(_time));
}
