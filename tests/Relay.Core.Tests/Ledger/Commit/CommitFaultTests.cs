using Relay.Core.Admission;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>
/// One call to the store fails, each in turn and in each way; whatever it was,
/// every envelope ends up logged once, in order, with a receipt that holds.
/// </summary>
public sealed class CommitFaultTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 0)]
    [InlineData(1, 65_536)]
    [InlineData(2, 65_536)]
    [InlineData(3, 65_536)]
    [InlineData(4, 65_536)]
    public async Task CommitAsync_AnyOneCallFails_TheNextCommitRecovers(int kind, int publishBeyond)
    {
        var fault = (StoreFault)kind;
        var calls = await PerformAsync(-1, fault, publishBeyond);
        Assert.InRange(calls, publishBeyond == 0 ? 40 : 10, 400);
        for (var at = 0; at < calls; at++)
        {
            await PerformAsync(at, fault, publishBeyond);
        }
    }

    // Envelopes 1, 2, then 4 before 3, then 3's twin, with a worker that starts cold in the middle.
    private static async Task<int> PerformAsync(int failing, StoreFault fault, int publishBeyond)
    {
        await using var fixture = new LedgerFixture();
        fixture.Options.PublishBeyond = publishBeyond;
        var what = fixture.Faults.FailOnce(failing, fault);
        var stop = fixture.PumpClock();
        var chain = fixture.Chain(5);
        var second = fixture.AddWorker();
        await SettleAsync(fixture, fixture.Ledgers, chain[0], what());
        await SettleAsync(fixture, fixture.Ledgers, chain[1], what());
        await SettleAsync(fixture, second, chain[3], what());
        await SettleAsync(fixture, second, chain[2], what());
        await SettleAsync(fixture, second, fixture.Make(2, chain[0].Envelope.Digest, content: "twin"), what());
        await fixture.Faults.LandAsync();
        await SettleAsync(fixture, fixture.Ledgers, chain[4], what());
        var calls = fixture.Faults.Calls;

        // A worker that knows nothing finds all of it.
        fixture.Faults.Next = (_, _, _) => StoreFault.None;
        var cold = fixture.AddWorker();
        for (var i = 0; i < chain.Length; i++)
        {
            var outcome = await fixture.CommitAsync(chain[i], cold);
            Assert.True(outcome.Ruling?.Verdict == Verdict.Duplicate, $"{what()}: {outcome.Ruling?.Description}");
            fixture.Check(chain[i], outcome);
        }

        // What a worker could not put whole and has since been overtaken goes when that worker looks again.
        foreach (var worker in new[] { cold, second, fixture.Ledgers })
        {
            Assert.True(await worker.VisitAsync(TestNegotiation.Name, TestContext.Current.CancellationToken), what());
        }

        var state = fixture.Head().State;
        // The policy, five envelopes, one piece of evidence.
        Assert.True(state.Size == 7 && Assert.Single(state.Streams).Last == 5, $"{what()}: size {state.Size}");
        Assert.All(
            fixture.Store.Names,
            name => Assert.True(
                fixture.Store.Find(name) is null or { Intact: true },
                $"{what()}: {name} is torn"));
        await stop();
        return calls;
    }

    private static async Task SettleAsync(LedgerFixture fixture, NegotiationLedgers worker, AdmittedEnvelope envelope, string what)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var outcome = await fixture.CommitAsync(envelope, worker);
            if (outcome.Ruling?.Verdict is Verdict.LedgerUnavailable) continue;
            Assert.True(
                outcome.Ruling?.Verdict is null or Verdict.Duplicate or Verdict.Held or Verdict.Equivocation,
                $"{what}: {outcome.Ruling?.Verdict} {outcome.Ruling?.Description}");
            if (outcome.IsEntry) fixture.Check(envelope, outcome);
            return;
        }

        Assert.Fail($"{what}: {envelope.Envelope.Id} was never settled");
    }
}
