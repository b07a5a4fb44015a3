using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Testing;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>A worker whose clock is ahead of the services' dates nothing.</summary>
public sealed class ServiceClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 29, 8, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _monotonic = new(Start);
    private readonly SetClock _time;
    private readonly ServiceClock _clock;

    public ServiceClockTests()
    {
        _time = new SetClock(_monotonic);
        _clock = new ServiceClock(_time);
    }

    [Fact]
    public void Ahead_BeforeAnyAnswer_IsNotKnown() => Assert.Null(_clock.Ahead);

    [Fact]
    public void Ahead_AfterTheClockWasSetForward_ShowsItWithoutAnotherAnswer()
    {
        _clock.Observe(Start);
        _monotonic.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.Zero, _clock.Ahead);
        _time.Offset = TimeSpan.FromHours(3);
        Assert.Equal(TimeSpan.FromHours(3), _clock.Ahead);
        _time.Offset = TimeSpan.FromHours(-1);
        Assert.Equal(TimeSpan.FromHours(-1), _clock.Ahead);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1_000, 1_000)]
    [InlineData(1_001, 0)]
    [InlineData(40_000, 0)]
    [InlineData(-40_000, -40_000)]
    public void Now_OfAClockThatIsAhead_IsTheServicesBeyondWhatADateCanTell(int stepped, int expected)
    {
        _clock.Observe(Start);
        _time.Offset = TimeSpan.FromMilliseconds(stepped);
        Assert.Equal(Start + TimeSpan.FromMilliseconds(expected), _clock.Now);
    }

    /// <summary>What a queue says of a message may be days old: it is no reading, and shows one alone that is behind.</summary>
    [Fact]
    public void ObserveAtLeast_MovesAReadingOnAndIsNone()
    {
        _clock.ObserveAtLeast(Start.AddDays(-3));
        Assert.Null(_clock.Ahead);
        _clock.Observe(Start);
        _clock.ObserveAtLeast(Start.AddDays(-3));
        Assert.Equal(TimeSpan.Zero, _clock.Ahead);
        _time.Offset = TimeSpan.FromHours(1);
        Assert.Equal(Start, _clock.Now);
        _clock.ObserveAtLeast(Start.AddHours(1));
        Assert.Equal((TimeSpan.Zero, Start.AddHours(1)), (_clock.Ahead, _clock.Now));
        // The last answer is long ago, as after an outage, and what has waited for longer says nothing.
        _monotonic.Advance(TimeSpan.FromMinutes(20));
        _clock.ObserveAtLeast(Start);
        Assert.Equal(TimeSpan.Zero, _clock.Ahead);
    }

    [Fact]
    public void Observe_OfALateOrCoarseDate_KeepsTheLatest()
    {
        _clock.Observe(Start);
        _monotonic.Advance(TimeSpan.FromSeconds(10));
        _clock.Observe(Start);
        Assert.Equal(TimeSpan.Zero, _clock.Ahead);
        // Of two services the one that is behind does not count.
        _clock.Observe(Start.AddDays(-1));
        Assert.Equal(TimeSpan.Zero, _clock.Ahead);
        _clock.Observe(Start.AddSeconds(40));
        Assert.Equal(TimeSpan.FromSeconds(-30), _clock.Ahead);
    }

    [Fact]
    public void Observe_AfterServicesWereSetBack_BelievesThemWithinMinutes()
    {
        _clock.Observe(Start.AddHours(2));
        _monotonic.Advance(TimeSpan.FromMinutes(10));
        _clock.Observe(Start.AddMinutes(10));
        Assert.Equal(TimeSpan.Zero, _clock.Ahead);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    [InlineData(1_500_000_000, false)]
    public async Task Commit_WithAClockAheadOfTheServices_IsRefusedPastAMinuteAndGoesOnOnceItIsRight(int seconds, bool commits)
    {
        await using var fixture = new LedgerFixture();
        var clock = new ServiceClock(fixture.Time);
        var worker = fixture.AddWorker(clock);
        var chain = fixture.Chain(2);
        clock.Observe(fixture.Time.GetUtcNow().AddSeconds(-seconds));
        var outcome = await fixture.CommitAsync(chain[0], worker);
        Assert.Equal(commits, outcome.Receipt.Length > 0);
        if (!commits)
        {
            Assert.Equal(Verdict.LedgerUnavailable, outcome.Ruling!.Verdict);
            Assert.Contains("set it", outcome.Ruling.Description, StringComparison.Ordinal);
            Assert.Null(fixture.Store.Find(LedgerPaths.Head(TestNegotiation.Name)));
            clock.Observe(fixture.Time.GetUtcNow());
            outcome = await fixture.CommitAsync(chain[0], worker);
        }
        fixture.Check(chain[0], outcome);
        fixture.Check(chain[1], await fixture.CommitAsync(chain[1], worker));
    }

    [Fact]
    public async Task Commit_WhoseClockIsSetBackWhileEvidenceIsLookedFor_IsRefusedAllTheSame()
    {
        await using var fixture = new LedgerFixture();
        fixture.Check(fixture.Make(1, null), await fixture.CommitAsync(fixture.Make(1, null)));
        var head = fixture.Store.Find(LedgerPaths.Head(TestNegotiation.Name));
        var clock = new ServiceClock(fixture.Time);
        clock.Observe(fixture.Time.GetUtcNow().AddMinutes(-10));
        var asked = 0;
        fixture.Faults.Next = (_, verb, name) =>
        {
            var isAsked = verb == "get" && name.Contains("/evidence/", StringComparison.Ordinal);
            if (isAsked && asked++ == 0) clock.Observe(fixture.Time.GetUtcNow());
            return StoreFault.None;
        };
        var worker = fixture.AddWorker(clock);
        var other = fixture.Make(1, null, content: "other");
        var refused = await fixture.CommitAsync(other, worker);
        Assert.Equal(1, asked);
        Assert.Equal(Verdict.LedgerUnavailable, refused.Ruling!.Verdict);
        Assert.Equal(head, fixture.Store.Find(LedgerPaths.Head(TestNegotiation.Name)));
        Assert.Equal(Verdict.Equivocation, (await fixture.CommitAsync(other, worker)).Ruling!.Verdict);
    }

    [Fact]
    public async Task Commit_WhoseClockIsSetAheadWhileEvidenceIsLookedFor_IsSignedByAKeyThatHadBegun()
    {
        await using var fixture = new LedgerFixture();
        var time = new SetClock(fixture.Time);
        fixture.Check(fixture.Make(1, null), await fixture.CommitAsync(fixture.Make(1, null)));
        var asked = 0;
        fixture.Faults.Next = (_, verb, name) =>
        {
            if (verb != "get" || !name.Contains("/evidence/", StringComparison.Ordinal)) return StoreFault.None;
            asked++;
            time.Offset = TimeSpan.FromMinutes(9);
            return StoreFault.None;
        };
        var other = fixture.Make(1, null, content: "other");
        Assert.Equal(Verdict.Equivocation, (await fixture.CommitAsync(other, fixture.AddWorker(time: time))).Ruling!.Verdict);
        Assert.Equal(1, asked);
        var head = fixture.Head();
        Assert.True(head.Certificate.NotBefore <= head.State.At, $"{head.Certificate.NotBefore:O} for {head.State.At:O}");
    }
}
