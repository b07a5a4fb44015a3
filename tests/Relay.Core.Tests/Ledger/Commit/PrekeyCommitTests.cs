using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Ledger;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Bundles and claims of prekeys through the commit: over a store in memory, with faults, and by several workers.</summary>
public sealed class PrekeyCommitTests
{
    [Fact]
    public async Task Claim_OfEnvelopes_GivesEachTheNextKeyAndTheSameOneAgain()
    {
        await using var fixture = Fixture();
        var stop = fixture.PumpClock();
        var bundle = TestPrekeys.Bundle("iran", 1, 1, 5, fixture.Time.GetUtcNow());
        Assert.Equal(PrekeyVerdict.Published, (await fixture.PublishAsync(bundle)).Verdict);
        Assert.Equal(PrekeyVerdict.PublishedBefore, (await fixture.PublishAsync(bundle)).Verdict);
        var cold = fixture.AddWorker();
        Assert.Equal(PrekeyVerdict.PublishedBefore, (await fixture.PublishAsync(bundle, cold)).Verdict);

        Assert.Equal((PrekeyVerdict.Claimed, "1 2"), await ClaimAsync(fixture, fixture.Ledgers, 1, 2));
        Assert.Equal((PrekeyVerdict.ClaimedBefore, "2 1"), await ClaimAsync(fixture, fixture.Ledgers, 2, 1));
        Assert.Equal((PrekeyVerdict.ClaimedBefore, "2"), await ClaimAsync(fixture, cold, 2));
        // One that has a key among others that have none.
        Assert.Equal((PrekeyVerdict.Claimed, "3 1 4"), await ClaimAsync(fixture, fixture.Ledgers, 7, 1, 8));
        // One key is left for two envelopes.
        Assert.Equal((PrekeyVerdict.Claimed, "5 0"), await ClaimAsync(fixture, fixture.Ledgers, 10, 11));
        Assert.Equal((PrekeyVerdict.Claimed, "0"), await ClaimAsync(fixture, fixture.Ledgers, 11));
        Assert.Equal((PrekeyVerdict.Claimed, "5 0"), await ClaimAsync(fixture, fixture.Ledgers, 10, 11));

        // Another bundle: what has a key keeps it, and what had none has one now.
        var next = TestPrekeys.Bundle("iran", 2, 6, 3, fixture.Time.GetUtcNow());
        Assert.Equal(PrekeyVerdict.Published, (await fixture.PublishAsync(next)).Verdict);
        Assert.Equal((PrekeyVerdict.Claimed, "1 5 6"), await ClaimAsync(fixture, fixture.AddWorker(), 1, 10, 11));
        Assert.Equal((PrekeyVerdict.ClaimedBefore, "1 5 6"), await ClaimAsync(fixture, fixture.AddWorker(), 1, 10, 11));
        var state = fixture.Head().State;
        Assert.Equal((2, 6, 3, 2), (state.Prekeys[0].Number, state.Prekeys[0].First, state.Prekeys[0].Count, state.Prekeys[0].Left));
        await stop();
    }

    [Fact]
    public async Task Publish_WhatMayNotBe_IsRefusedAndChangesNothing()
    {
        await using var fixture = Fixture();
        var stop = fixture.PumpClock();
        var now = fixture.Time.GetUtcNow();
        Assert.Equal(PrekeyVerdict.NoBundle, (await fixture.ClaimAsync(TestPrekeys.Claim("us", "iran", now, 1))).Verdict);
        Assert.Equal(PrekeyVerdict.TooOld, (await fixture.PublishAsync(TestPrekeys.Bundle("iran", 1, 1, 5, now.AddDays(-3)))).Verdict);
        Assert.Empty(fixture.Store.Names);
        Assert.Equal(PrekeyVerdict.Published, (await fixture.PublishAsync(TestPrekeys.Bundle("iran", 4, 10, 5, now))).Verdict);
        foreach (var (number, first, verdict) in new[]
        {
            (3L, 15L, PrekeyVerdict.OlderNumber), (4, 15, PrekeyVerdict.OlderNumber), (5, 14, PrekeyVerdict.KeysComeBack),
            (5, 1, PrekeyVerdict.KeysComeBack),
        })
        {
            Assert.Equal(verdict, (await fixture.PublishAsync(TestPrekeys.Bundle("iran", number, first, 5, now))).Verdict);
        }

        var size = fixture.Head().State.Size;
        Assert.Equal(2, size);
        // None at all is a bundle too, and the ids go on after it.
        Assert.Equal(PrekeyVerdict.Published, (await fixture.PublishAsync(TestPrekeys.Bundle("iran", 5, 1, 0, now))).Verdict);
        Assert.Equal((PrekeyVerdict.Claimed, "0"), await ClaimAsync(fixture, fixture.Ledgers, 1));
        Assert.Equal(PrekeyVerdict.KeysComeBack, (await fixture.PublishAsync(TestPrekeys.Bundle("iran", 6, 14, 1, now))).Verdict);
        Assert.Equal(PrekeyVerdict.Published, (await fixture.PublishAsync(TestPrekeys.Bundle("iran", 6, 15, 1, now))).Verdict);

        // A claim that was signed long ago is answered if it was made then, and gives nothing new.
        Assert.Equal((PrekeyVerdict.Claimed, "15"), await ClaimAsync(fixture, fixture.Ledgers, 1));
        fixture.Time.Advance(TimeSpan.FromDays(1.5));
        Assert.Equal(PrekeyVerdict.ClaimedBefore, (await fixture.ClaimAsync(TestPrekeys.Claim("us", "iran", now, 1))).Verdict);
        Assert.Equal(PrekeyVerdict.TooOld, (await fixture.ClaimAsync(TestPrekeys.Claim("us", "iran", now, 2))).Verdict);
        fixture.Time.Advance(TimeSpan.FromDays(1));
        var late = TestPrekeys.Claim("us", "iran", fixture.Time.GetUtcNow(), 2);
        Assert.Equal(PrekeyVerdict.NoBundle, (await fixture.ClaimAsync(late)).Verdict);
        await stop();
    }

    [Fact]
    public async Task Claim_OfMoreThanAShare_IsRefused()
    {
        await using var fixture = Fixture();
        var stop = fixture.PumpClock();
        var now = fixture.Time.GetUtcNow();
        Task<PrekeyOutcome> TakeAsync(string claimer, params long[] sequences) =>
            fixture.ClaimAsync(TestPrekeys.Claim(claimer, "iran", now, sequences), fixture.AddWorker(), claimers: 2);

        await fixture.PublishAsync(TestPrekeys.Bundle("iran", 1, 1, 9, now));
        Assert.Equal(PrekeyVerdict.Claimed, (await TakeAsync("us", 1, 2, 3, 4)).Verdict);
        var more = await TakeAsync("us", 5, 6);
        Assert.Equal(PrekeyVerdict.OverShare, more.Verdict);
        Assert.Equal("expected at most 1 more one-time keys of iran's bundle 1 for us, got 2", more.Detail);
        Assert.Equal(PrekeyVerdict.Claimed, (await TakeAsync("us", 5)).Verdict);
        Assert.Equal(PrekeyVerdict.OverShare, (await TakeAsync("us", 6)).Verdict);
        Assert.Equal(PrekeyVerdict.ClaimedBefore, (await TakeAsync("us", 5, 1)).Verdict);
        var oslo = TestPrekeys.Claim("oslo", "iran", now, 1, 2, 3, 4);
        var keys = fixture.Check(oslo, await fixture.ClaimAsync(oslo, claimers: 2));
        Assert.Equal([6, 7, 8, 9], oslo.Envelopes.Select(id => keys[id].Key));
        // Now it is nobody's share any more: none is left.
        Assert.Equal((PrekeyVerdict.Claimed, "0"), await ClaimAsync(fixture, fixture.Ledgers, 6));
        await fixture.PublishAsync(TestPrekeys.Bundle("iran", 2, 10, 10, now));
        Assert.Equal((PrekeyVerdict.Claimed, "10"), await ClaimAsync(fixture, fixture.Ledgers, 6));
        await stop();
    }

    [Fact]
    public async Task Claim_InTheSteadyState_IsOneWriteAndNoRead()
    {
        await using var fixture = Fixture();
        fixture.Options.PublishBeyond = 1 << 20;
        await fixture.PublishAsync(TestPrekeys.Bundle("iran", 1, 1, 100, fixture.Time.GetUtcNow()));
        await ClaimAsync(fixture, fixture.Ledgers, 1);
        var before = fixture.Faults.Calls;
        for (var i = 2; i < 42; i++) await ClaimAsync(fixture, fixture.Ledgers, i);
        Assert.Equal(40, fixture.Faults.Calls - before);
        // The same again is nothing at all while what answers it is in memory.
        await ClaimAsync(fixture, fixture.Ledgers, 2, 3, 4);
        Assert.Equal(40, fixture.Faults.Calls - before);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(4, 0)]
    [InlineData(1, 65_536)]
    [InlineData(2, 65_536)]
    [InlineData(3, 65_536)]
    [InlineData(4, 65_536)]
    public async Task Claim_AnyOneCallFails_GivesEachEnvelopeOneKey(int kind, int publishBeyond)
    {
        var fault = (StoreFault)kind;
        var calls = await PerformAsync(-1, fault, publishBeyond);
        Assert.InRange(calls, publishBeyond == 0 ? 20 : 8, 400);
        for (var at = 0; at < calls; at++) await PerformAsync(at, fault, publishBeyond);
    }

    [Fact]
    public async Task Claim_WhoseMemoryIsLost_IsRefusedUntilTheNextBundle()
    {
        await using var fixture = Fixture();
        var stop = fixture.PumpClock();
        fixture.Options.PublishBeyond = 0;
        await fixture.PublishAsync(TestPrekeys.Bundle("iran", 1, 1, 5, fixture.Time.GetUtcNow()));
        await ClaimAsync(fixture, fixture.Ledgers, 1);
        var page = LedgerPaths.Claims(TestNegotiation.Name, fixture.Head().State.Prekeys[0]);
        await LedgerFixture.WaitAsync(() => fixture.Store.Names.Contains(page));
        // With the next commit it stands behind the head no longer.
        await fixture.PublishAsync(TestPrekeys.Bundle("us", 1, 1, 1, fixture.Time.GetUtcNow()));
        foreach (var spoilt in new byte[]?[] { null, [], "0\n9 us/normal/1\n"u8.ToArray() })
        {
            fixture.Store.Set(page, spoilt);
            var outcome = await fixture.ClaimAsync(TestPrekeys.Claim("us", "iran", fixture.Time.GetUtcNow(), 2), fixture.AddWorker());
            Assert.Equal(PrekeyVerdict.LedgerDamaged, outcome.Verdict);
        }

        await fixture.PublishAsync(TestPrekeys.Bundle("iran", 2, 6, 5, fixture.Time.GetUtcNow()), fixture.AddWorker());
        Assert.Equal((PrekeyVerdict.Claimed, "6"), await ClaimAsync(fixture, fixture.AddWorker(), 2));
        await stop();
    }

    // A bundle, claims by two workers in turn, another bundle, more claims; then all of it once more.
    private static async Task<int> PerformAsync(int failing, StoreFault fault, int publishBeyond)
    {
        await using var fixture = Fixture();
        fixture.Options.PublishBeyond = publishBeyond;
        var what = fixture.Faults.FailOnce(failing, fault);
        var stop = fixture.PumpClock();
        var second = fixture.AddWorker();
        var given = new Dictionary<long, long>();
        async Task ClaimAsync(NegotiationLedgers worker, params long[] sequences)
        {
            var claim = TestPrekeys.Claim("us", "iran", fixture.Time.GetUtcNow(), sequences);
            var keys = fixture.Check(claim, await SettleAsync(() => fixture.ClaimAsync(claim, worker), what()));
            foreach (var (id, (_, key)) in keys)
            {
                var isSame = given.TryAdd(id.Sequence, key) || given[id.Sequence] == key;
                Assert.True(isSame, $"{what()}: {id} had {given[id.Sequence]}, has {key}");
            }
        }

        var bundle = TestPrekeys.Bundle("iran", 1, 1, 4, fixture.Time.GetUtcNow());
        await SettleAsync(() => fixture.PublishAsync(bundle), what());
        await ClaimAsync(fixture.Ledgers, 1);
        await ClaimAsync(second, 2);
        await SettleAsync(() => fixture.PublishAsync(TestPrekeys.Bundle("iran", 2, 5, 4, fixture.Time.GetUtcNow()), second), what());
        await fixture.Faults.LandAsync();
        await ClaimAsync(fixture.Ledgers, 1, 3);
        var calls = fixture.Faults.Calls;
        fixture.Faults.Next = (_, _, _) => StoreFault.None;
        await ClaimAsync(fixture.AddWorker(), 1, 2, 3);
        Assert.True(given.Values.Distinct().Count() == 3, $"{what()}: {string.Join(", ", given)}");
        Assert.True(given.Values.SequenceEqual([1, 2, 5]), $"{what()}: {string.Join(", ", given)}");
        // The policy, two bundles, three claims.
        Assert.True(fixture.Head().State.Size == 6, $"{what()}: size {fixture.Head().State.Size}");
        await stop();
        return calls;
    }

    private static async Task<PrekeyOutcome> SettleAsync(Func<Task<PrekeyOutcome>> takeAsync, string what)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var outcome = await takeAsync();
            if (outcome.Verdict is PrekeyVerdict.LedgerUnavailable) continue;
            Assert.True(outcome.IsEntry, $"{what}: {outcome.Verdict} {outcome.Detail}");
            return outcome;
        }

        Assert.Fail($"{what}: never settled");
        return null!;
    }

    private static async Task<(PrekeyVerdict Verdict, string Keys)> ClaimAsync(
        LedgerFixture fixture, NegotiationLedgers worker, params long[] sequences)
    {
        var claim = TestPrekeys.Claim("us", "iran", fixture.Time.GetUtcNow(), sequences);
        var outcome = await fixture.ClaimAsync(claim, worker);
        if (!outcome.IsEntry) return (outcome.Verdict, outcome.Detail);
        var keys = fixture.Check(claim, outcome);
        return (outcome.Verdict, string.Join(' ', claim.Envelopes.Select(id => keys[id].Key)));
    }

    private static LedgerFixture Fixture() => new() { Document = TestIdentities.ParsedDocument() };
}
