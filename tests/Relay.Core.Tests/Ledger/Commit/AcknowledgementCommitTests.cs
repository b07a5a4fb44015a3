using Relay.Core.Rulings;
using Relay.Protocol.Ledger;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Acknowledgements through the commit: over a store in memory, with faults, and by several workers.</summary>
public sealed class AcknowledgementCommitTests
{
    [Fact]
    public async Task Acknowledge_AtAnyTimeLater_IsAnsweredByTheSameEntry()
    {
        await using var fixture = Fixture();
        var chain = fixture.Chain(300);
        foreach (var group in chain.Chunk(100)) await Task.WhenAll(group.Select(envelope => fixture.CommitAsync(envelope)));
        var said = chain.Select(envelope => TestIdentities.Say(envelope.Envelope.Head, "iran", at: fixture.Time.GetUtcNow())).ToList();
        var first = await Task.WhenAll(said.Select(one => fixture.AcknowledgeAsync(one)));
        Assert.All(first, outcome => Assert.Equal(AcknowledgementVerdict.Logged, outcome.Verdict));
        var cold = fixture.AddWorker();
        for (var i = 0; i < said.Count; i += 37)
        {
            var index = fixture.Check(said[i], first[i]).Proof.Index;
            var again = await fixture.AcknowledgeAsync(said[i], i % 2 == 0 ? cold : fixture.Ledgers);
            Assert.Equal(AcknowledgementVerdict.Repeated, again.Verdict);
            Assert.Equal(index, fixture.Check(said[i], again).Proof.Index);
            var other = await fixture.AcknowledgeAsync(TestIdentities.Say(chain[i].Envelope.Head, "iran", "not-opened"), cold);
            Assert.Equal(AcknowledgementVerdict.OtherState, other.Verdict);
        }

        Assert.Equal(601, fixture.Head().State.Size);
    }

    [Fact]
    public async Task Acknowledge_WhatAnotherWorkerHasLogged_ReadsTheHeadAnew()
    {
        await using var fixture = Fixture();
        var chain = fixture.Chain(2);
        await fixture.CommitAsync(chain[0]);
        var other = fixture.AddWorker();
        await fixture.CommitAsync(chain[1], other);
        // This worker's copy of the head has one envelope.
        var outcome = await fixture.AcknowledgeAsync(TestIdentities.Say(chain[1].Envelope.Head, "iran"));
        Assert.Equal(AcknowledgementVerdict.Logged, outcome.Verdict);
        // The other's copy has no acknowledgement: it learns of it by losing the swap, and pauses.
        var stop = fixture.PumpClock();
        Assert.Equal(
            AcknowledgementVerdict.OtherState,
            (await fixture.AcknowledgeAsync(TestIdentities.Say(chain[1].Envelope.Head, "iran", "not-opened"), other)).Verdict);
        await stop();
    }

    [Fact]
    public async Task Acknowledge_OfNoLedger_IsUnknown()
    {
        await using var fixture = Fixture();
        var outcome = await fixture.AcknowledgeAsync(TestIdentities.Say(fixture.Make(1, null).Envelope.Head, "iran"));
        Assert.Equal(AcknowledgementVerdict.UnknownEnvelope, outcome.Verdict);
        Assert.Empty(fixture.Store.Names);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 0)]
    [InlineData(1, 65_536)]
    [InlineData(2, 65_536)]
    [InlineData(3, 65_536)]
    [InlineData(4, 65_536)]
    public async Task Acknowledge_AnyOneCallFails_IsLoggedOnce(int kind, int publishBeyond)
    {
        var fault = (StoreFault)kind;
        var calls = await PerformAsync(-1, fault, publishBeyond);
        Assert.InRange(calls, publishBeyond == 0 ? 20 : 8, 400);
        for (var at = 0; at < calls; at++) await PerformAsync(at, fault, publishBeyond);
    }

    // Two envelopes, the first opened, the second refused, by workers in turn; then all of it once more.
    private static async Task<int> PerformAsync(int failing, StoreFault fault, int publishBeyond)
    {
        await using var fixture = Fixture();
        fixture.Options.PublishBeyond = publishBeyond;
        var what = fixture.Faults.FailOnce(failing, fault);
        var stop = fixture.PumpClock();
        var chain = fixture.Chain(2);
        var second = fixture.AddWorker();
        foreach (var envelope in chain)
        {
            while ((await fixture.CommitAsync(envelope)).Ruling?.Verdict is Verdict.LedgerUnavailable)
            {
            }
        }

        var opened = TestIdentities.Say(chain[0].Envelope.Head, "iran");
        var refused = TestIdentities.Say(chain[1].Envelope.Head, "iran", "not-opened");
        await SettleAsync(fixture, opened, fixture.Ledgers, what());
        await SettleAsync(fixture, refused, second, what());
        await fixture.Faults.LandAsync();
        await SettleAsync(fixture, opened, second, what());
        var calls = fixture.Faults.Calls;
        fixture.Faults.Next = (_, _, _) => StoreFault.None;
        var cold = fixture.AddWorker();
        foreach (var said in new[] { opened, refused })
        {
            var outcome = await fixture.AcknowledgeAsync(said, cold);
            Assert.True(outcome.Verdict == AcknowledgementVerdict.Repeated, $"{what()}: {outcome.Verdict} {outcome.Detail}");
            fixture.Check(said, outcome);
        }

        // The policy, two envelopes, two acknowledgements.
        Assert.True(fixture.Head().State.Size == 5, $"{what()}: size {fixture.Head().State.Size}");
        await stop();
        return calls;
    }

    private static async Task SettleAsync(
        LedgerFixture fixture, Acknowledgement said, Relay.Core.Ledger.Commit.NegotiationLedgers worker, string what)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var outcome = await fixture.AcknowledgeAsync(said, worker);
            if (outcome.Verdict is AcknowledgementVerdict.LedgerUnavailable) continue;
            Assert.True(outcome.IsEntry, $"{what}: {outcome.Verdict} {outcome.Detail}");
            fixture.Check(said, outcome);
            return;
        }

        Assert.Fail($"{what}: {said.Id} was never settled");
    }

    private static LedgerFixture Fixture() => new() { Document = TestIdentities.ParsedDocument() };
}
