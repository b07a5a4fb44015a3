using Relay.Core.Forwarding;
using Relay.Core.Health;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Functions.Settlement;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.Functions.Tests.Settlement;

/// <summary>What waits in the worker for a dependency, and for how long, by a clock that is made up.</summary>
public sealed class ParkingTests
{
    private static readonly Ruling Ledger = Of(Verdict.LedgerUnavailable, ReasonCodes.LedgerUnavailable);
    private static readonly Ruling Topic = Of(Verdict.TopicUnavailable, ReasonCodes.TopicUnavailable);
    private static readonly Ruling Key = Of(Verdict.KeyUnavailable, "key-unavailable");

    private readonly SetClock _clock;
    private readonly ManualTimeProvider _time = new();
    private readonly DependencyCircuit _circuit;
    private readonly ServiceClock _services;
    private readonly Parking _parking;
    private readonly long _receivedAt;

    public ParkingTests()
    {
        _clock = new SetClock(_time);
        _circuit = new DependencyCircuit(_time);
        _services = new ServiceClock(_clock);
        _parking = new Parking(_circuit, _services, _clock);
        _receivedAt = _clock.GetTimestamp();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitAsync_FirstFailure_IsTriedAgainAtGrowingPausesUntilTheLossWouldBeKnown()
    {
        var stayed = TimeSpan.Zero;
        for (var turn = 0; turn < 5; turn++)
        {
            var wait = WaitAsync(Topic, turn: turn);
            var pause = TimeSpan.FromMilliseconds(new[] { 100, 200, 400, 800, 800 }[turn]);
            Assert.True(_time.IsArmed(pause));
            _time.Advance(pause);
            Assert.True(await TestDeadline.Within(wait));
            stayed += pause;
        }

        Assert.Equal(Parking.Unknown, stayed);
        Assert.False(await TestDeadline.Within(WaitAsync(Topic, turn: 5)));
    }

    [Theory]
    [InlineData(Dependency.Ledger)]
    [InlineData(Dependency.Bus)]
    public async Task WaitAsync_KnownToBeDown_WaitsUntilItIsBack(Dependency dependency)
    {
        Note(dependency, works: false);
        var wait = WaitAsync(dependency == Dependency.Ledger ? Ledger : Topic, attempt: 3, turn: 9);
        await LookAsync(50);
        Assert.False(wait.IsCompleted);
        Note(dependency, works: true);
        _time.Advance(Parking.Look);
        Assert.True(await TestDeadline.Within(wait));
    }

    [Fact]
    public async Task WaitAsync_DownForLong_EndsSoThatACopyIsScheduled()
    {
        Note(Dependency.Ledger, works: false);
        var wait = WaitAsync(Ledger);
        await LookAsync((int)(Parking.Longest / Parking.Look));
        Assert.False(await TestDeadline.Within(wait));
    }

    [Fact]
    public async Task WaitAsync_ClockFarOff_WaitsUntilItIsSet()
    {
        _services.Observe(_clock.GetUtcNow());
        _clock.Offset = TimeSpan.FromMinutes(10);
        var wait = WaitAsync(Ledger, attempt: 1);
        await LookAsync(20);
        Assert.False(wait.IsCompleted);
        _clock.Offset = TimeSpan.Zero;
        _time.Advance(Parking.Look);
        Assert.True(await TestDeadline.Within(wait));
    }

    [Fact]
    public async Task WaitAsync_WhatNoDependencyMends_OrCameBefore_OrNeedsWhatIsDownAlone_IsNotParked()
    {
        Assert.False(await WaitAsync(Of(Verdict.DirectoryUnavailable, ReasonCodes.DirectoryInvalid)));
        Assert.False(await WaitAsync(Of(Verdict.LedgerDamaged, ReasonCodes.LedgerDamaged)));
        Assert.False(await WaitAsync(Of(Verdict.LedgerUnavailable, ReasonCodes.LedgerBacklog)));
        Assert.False(await WaitAsync(Of(Verdict.Forwarded, ReasonCodes.Forwarded)));
        Assert.False(await WaitAsync(Ledger, attempt: 1));
        // Others do not wait for a key that few of them need.
        Note(Dependency.Vault, works: false);
        Assert.False(await WaitAsync(Key));
        // Its lock ends before it could be tried again and settled.
        Note(Dependency.Ledger, works: false);
        Assert.False(await WaitAsync(Ledger, locked: TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task WaitAsync_HostStops_Ends()
    {
        using var stopping = new CancellationTokenSource();
        Note(Dependency.Bus, works: false);
        var wait = _parking.WaitAsync(Topic, 0, 0, _receivedAt, Lock(TimeSpan.FromMinutes(1)), stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(wait));
    }

    [Fact]
    public void Budget_IsAFifthOfTheTime_HoweverManyWaitTogether()
    {
        var budget = new ParkingBudget(_time);
        for (var i = 0; i < 100; i++) Assert.True(budget.TryEnter());
        _time.Advance(ParkingBudget.AtOnce);
        // A fifth of that has come back meanwhile.
        Assert.True(budget.TryEnter());
        _time.Advance(ParkingBudget.AtOnce / 3);
        Assert.False(budget.TryEnter());
        for (var i = 0; i < 101; i++) budget.Leave();

        var parked = TimeSpan.Zero;
        for (var second = 0; second < 1_000; second++)
        {
            if (budget.TryEnter())
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                parked += TimeSpan.FromSeconds(1);
                budget.Leave();
            }
            else
            {
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        Assert.InRange(parked, TimeSpan.FromSeconds(190), TimeSpan.FromSeconds(210));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ProcessAsync_OutageWhileABatchIsInHand_MakesNoCopyAndForwardsEachOnce(bool isKnown)
    {
        await using var fixture = new FunctionsFixture();
        var circuit = fixture.Create<DependencyCircuit>();
        fixture.Forwarder.Answers["delegation-iran"] = SendOutcome.Unavailable;
        if (isKnown) Note(circuit, Dependency.Bus, works: false);
        var batch = fixture.Create<EnvelopeProcessor>().ProcessAsync(
            [FunctionsFixture.Message(await fixture.Negotiation.SignAsync("qatar", "oman"))], fixture.Actions, Lane.Normal, Cancel);
        await TestDeadline.Until(() => fixture.Time.IsArmed(Parking.Look), "the message parked");
        Assert.Empty(fixture.Acts.All);

        fixture.Forwarder.Answers.Clear();
        Note(circuit, Dependency.Bus, works: true);
        fixture.Time.Advance(Parking.Look);
        await TestDeadline.Within(batch);
        Assert.Equal(["complete"], fixture.Acts.All);
        Assert.Equal(2, fixture.Forwarder.Forwarded.Count);
        Assert.Single(fixture.Forwarder.Forwarded.Select(sent => sent.Index).Distinct());
    }

    private static Ruling Of(Verdict verdict, string reason) => new(verdict, reason, "expected this, got that");

    private static void Note(DependencyCircuit circuit, Dependency dependency, bool works)
    {
        for (var i = 0; i < 2; i++) circuit.Note(dependency, works);
    }

    private void Note(Dependency dependency, bool works) => Note(_circuit, dependency, works);

    private Task<bool> WaitAsync(Ruling ruling, int attempt = 0, int turn = 0, TimeSpan? locked = null) =>
        _parking.WaitAsync(ruling, attempt, turn, _receivedAt, Lock(locked ?? TimeSpan.FromMinutes(1)), Cancel);

    private MessageLock Lock(TimeSpan whole) =>
        new(FunctionsFixture.Message(1, [1], _time.GetUtcNow() + whole), _time, null);

    // So many looks of whoever is parked, each once it waits for it.
    private async Task LookAsync(int looks)
    {
        for (var i = 0; i < looks; i++)
        {
            await TestDeadline.Until(() => _time.IsArmed(Parking.Look), "the next look");
            _time.Advance(Parking.Look);
        }
    }
}
