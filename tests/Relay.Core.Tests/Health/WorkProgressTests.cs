using Relay.Core.Health;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Testing;

namespace Relay.Core.Tests.Health;

public sealed class WorkProgressTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly WorkProgress _progress;
    private readonly Readiness _readiness;

    public WorkProgressTests()
    {
        _progress = new WorkProgress(_time);
        _readiness = new Readiness(new DependencyCircuit(_time), _progress);
    }

    [Fact]
    public void Ready_NothingToDo_IsReadyHoweverLong()
    {
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(_readiness.Reasons);
    }

    [Fact]
    public void Ready_AMessageUnderWayForTenSeconds_IsNot()
    {
        _progress.Begin();
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Empty(_readiness.Reasons);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("no-progress", Assert.Single(_readiness.Reasons).Reason);
        Settle(SettlementAction.Complete, Verdict.Forwarded);
        Assert.Empty(_readiness.Reasons);
    }

    // Whatever the cause: here every message is put off, as with a store that does not answer.
    [Fact]
    public void Ready_EveryMessagePutOff_IsNotUntilOneGetsOnOrNoCopyIsToCome()
    {
        for (var i = 0; i < 3; i++)
        {
            _progress.Begin();
            Settle(SettlementAction.Retry, Verdict.LedgerUnavailable, TimeSpan.FromMinutes(5));
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal("expected messages that wait to get on, none has for 15 s", Assert.Single(_readiness.Reasons).Detail);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotEmpty(_readiness.Reasons);
        // Another worker has them, or they have expired: this one knows of none.
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_readiness.Reasons);

        _progress.Begin();
        Settle(SettlementAction.Abandon, Verdict.QueueUnavailable);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.NotEmpty(_readiness.Reasons);
        _progress.Begin();
        Settle(SettlementAction.DeadLetter, Verdict.Malformed);
        Assert.Empty(_readiness.Reasons);
    }

    [Theory]
    [InlineData(SettlementAction.Postpone, Verdict.Embargoed)]
    [InlineData(SettlementAction.Retry, Verdict.ReadOnly)]
    [InlineData(SettlementAction.Retry, Verdict.HoldFull)]
    public void Ready_WhatWaitsAsDesigned_IsNoStall(SettlementAction settlement, Verdict verdict)
    {
        _progress.Begin();
        Settle(settlement, verdict, TimeSpan.FromMinutes(5));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_readiness.Reasons);
    }

    private void Settle(SettlementAction settlement, Verdict verdict, TimeSpan? copyIn = null)
    {
        _progress.Settled(new SettlementPlan(settlement, new Ruling(verdict, "x", "x"), _time.GetUtcNow() + copyIn, 1));
        _progress.End();
    }
}
