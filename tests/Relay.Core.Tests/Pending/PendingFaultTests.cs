using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Protocol.Envelopes;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Pending;

/// <summary>
/// Calls to the store that fail, each in turn and in each way, and workers that merge at the same moment: no signature is lost that a
/// message was completed for, and the envelope is forwarded.
/// </summary>
public sealed class PendingFaultTests
{
    private static readonly string[] Mediators = ["oman", "swiss", "qatar"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Relay_AnyOneCallFails_TheEnvelopeIsForwardedWhole(int kind)
    {
        var fault = (StoreFault)kind;
        var calls = await PerformAsync(-1, fault);
        Assert.InRange(calls, 10, 100);
        for (var at = 0; at < calls; at++) await PerformAsync(at, fault);
    }

    [Fact]
    public async Task Relay_WorkersMergeAtTheSameMoment_NoSignatureIsLost()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            await using var one = new PipelineFixture();
            await using var two = new PipelineFixture(one.Store, one.Negotiation, one.Certifier);
            var random = new Random(seed);
            var stops = new[] { one.PumpClock(), two.PumpClock() };
            var draft = one.Negotiation.Draft();
            var copies = new List<byte[]>();
            foreach (var mediator in Mediators)
            {
                var copy = await one.Negotiation.SignAsync(draft, mediator);
                copies.AddRange(Enumerable.Repeat(copy, 1 + random.Next(3)));
            }

            var order = copies.ToArray();
            random.Shuffle(order);
            // Each is completed only for a ruling that says it is durable; what is not comes again, to any of them.
            var workers = order.Select(_ => random.Next(2) == 0 ? one : two).ToList();
            await Task.WhenAll(order.Zip(workers, (copy, worker) => Task.Run(() => UntilCompletedAsync(worker, copy))));
            var sent = one.Forwarder.Forwarded.Concat(two.Forwarder.Forwarded).ToList();
            Assert.True(sent.Count > 0, $"seed {seed}: never forwarded");
            Assert.Single(sent.Select(message => message.Index).Distinct());
            await one.Sweep.RunAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain(one.Store.Names, static name => name.StartsWith(LedgerPaths.PendingPrefix, StringComparison.Ordinal));
            foreach (var stop in stops) await stop();
        }
    }

    // Each mediator's copy comes once, and again as long as it is not completed, at a worker that may be a new one.
    private static async Task<int> PerformAsync(int failing, StoreFault fault)
    {
        await using var first = new PipelineFixture();
        await using var other = new PipelineFixture(first.Store, first.Negotiation, first.Certifier);
        var what = first.Faults.FailOnce(failing, fault);
        var stops = new[] { first.PumpClock(), other.PumpClock() };
        var draft = first.Negotiation.Draft();
        foreach (var mediator in Mediators)
        {
            var copy = await first.Negotiation.SignAsync(draft, mediator);
            var ruling = await first.RelayAsync(copy);
            await first.Faults.LandAsync();
            if (VerdictTable.For(ruling.Verdict).Settlement == SettlementAction.Retry)
            {
                await UntilCompletedAsync(mediator == "swiss" ? other : first, copy);
            }
            else
            {
                Assert.True(ruling.Verdict is Verdict.Pending or Verdict.Forwarded, $"{what()}: {ruling.Verdict} {ruling.Description}");
            }
        }

        Assert.True(first.Forwarder.Forwarded.Count + other.Forwarder.Forwarded.Count > 0, $"{what()}: never forwarded");
        var calls = first.Faults.Calls;
        await first.Sweep.RunAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(first.Store.Names, static name => name.StartsWith(LedgerPaths.PendingPrefix, StringComparison.Ordinal));
        foreach (var stop in stops) await stop();
        return calls;
    }

    private static async Task UntilCompletedAsync(PipelineFixture worker, byte[] copy)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var ruling = await worker.RelayAsync(copy);
            var settlement = VerdictTable.For(ruling.Verdict).Settlement;
            Assert.True(settlement is SettlementAction.Complete or SettlementAction.Retry, $"{ruling.Verdict}: {ruling.Description}");
            if (settlement == SettlementAction.Complete) return;
        }

        Assert.Fail("never completed");
    }
}
