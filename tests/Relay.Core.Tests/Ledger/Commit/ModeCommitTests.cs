using Relay.Checker;
using Relay.Cli.Targets;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Modes through the commit: exact for every worker, and a part of the ledger that everybody can check.</summary>
public sealed class ModeCommitTests
{
    [Theory]
    [InlineData(NegotiationMode.ReadOnly, Verdict.ReadOnly)]
    [InlineData(NegotiationMode.Closed, Verdict.NegotiationClosed)]
    public async Task Mode_SetByOneWorker_HoldsAtOnceForAnotherThatHasAnOldHead(NegotiationMode mode, Verdict verdict)
    {
        await using var fixture = new LedgerFixture();
        var chain = fixture.Chain(3);
        await fixture.CommitAsync(chain[0]);
        var other = fixture.AddWorker();
        var set = await SetAsync(fixture, other, mode);
        Assert.Equal((ModeVerdict.Changed, 2L), (set.Verdict, set.Index));

        // The first worker's head in memory is open.
        var stop = fixture.PumpClock();
        Assert.Equal(verdict, (await fixture.CommitAsync(chain[1])).Ruling!.Verdict);
        // Held ones would change the ledger too.
        Assert.Equal(verdict, (await fixture.CommitAsync(chain[2])).Ruling!.Verdict);
        // What it has is still a duplicate, and what contradicts it is still evidence: closing hides nothing.
        Assert.Equal(Verdict.Duplicate, (await fixture.CommitAsync(chain[0])).Ruling!.Verdict);
        Assert.Equal(Verdict.Equivocation, (await fixture.CommitAsync(fixture.Make(1, null, content: "other"))).Ruling!.Verdict);
        Assert.Equal(4, fixture.Head().State.Size);

        Assert.Equal(ModeVerdict.Changed, (await SetAsync(fixture, fixture.Ledgers, NegotiationMode.Open)).Verdict);
        Assert.True((await fixture.CommitAsync(chain[1], other)).IsLogged);
        await stop();
        var report = await new LedgerChecker(new StoreToCheck(fixture.Store), fixture.Certifier.FindJwkAsync, null).CheckAsync(
            null, TestContext.Current.CancellationToken);
        Assert.Empty(report.Ledgers.SelectMany(ledger => ledger.Findings).Select(finding => finding.Problem));
        await LedgerFixture.WaitAsync(() => fixture.Signals.Sent.Count == 3);
        Assert.Equal(
            [$"{mode} at 2", "Open at 4"],
            fixture.Signals.Sent.Where(signal => signal.Kind == LedgerSignalKind.ModeChanged)
                .Select(signal => $"{signal.Mode} at {signal.Index}"));
        Assert.All(fixture.Signals.Sent, signal => Assert.Equal(TestNegotiation.Name, signal.Negotiation));
    }

    [Fact]
    public async Task Mode_SetAgain_IsNoEntry_UnlessAnotherWorkerChangedIt()
    {
        await using var fixture = new LedgerFixture();
        await fixture.CommitAsync(fixture.Make(1, null));
        var other = fixture.AddWorker();
        var stop = fixture.PumpClock();
        Assert.Equal(ModeVerdict.Unchanged, (await SetAsync(fixture, other, NegotiationMode.Open)).Verdict);
        Assert.Equal(ModeVerdict.Changed, (await SetAsync(fixture, other, NegotiationMode.Closed)).Verdict);
        // By this worker's head it is open still.
        Assert.Equal(ModeVerdict.Changed, (await SetAsync(fixture, fixture.Ledgers, NegotiationMode.Open)).Verdict);
        Assert.Equal(ModeVerdict.Unchanged, (await SetAsync(fixture, fixture.Ledgers, NegotiationMode.Open)).Verdict);
        await stop();
        Assert.Equal(4, fixture.Head().State.Size);
    }

    [Fact]
    public async Task Mode_OfAReadOnlyLedger_TakesNoAcknowledgementsAndAClosedOneDoes()
    {
        await using var fixture = new LedgerFixture { Document = TestIdentities.ParsedDocument() };
        var envelope = fixture.Make(1, null);
        await fixture.CommitAsync(envelope);
        await SetAsync(fixture, fixture.Ledgers, NegotiationMode.ReadOnly);
        var said = TestIdentities.Say(envelope.Envelope.Head, "iran", at: fixture.Time.GetUtcNow());
        Assert.Equal(AcknowledgementVerdict.ReadOnly, (await fixture.AcknowledgeAsync(said)).Verdict);
        var bundle = TestPrekeys.Bundle("iran", 1, 1, 3, fixture.Time.GetUtcNow());
        Assert.Equal(PrekeyVerdict.ReadOnly, (await fixture.PublishAsync(bundle)).Verdict);
        await SetAsync(fixture, fixture.Ledgers, NegotiationMode.Closed);
        Assert.Equal(AcknowledgementVerdict.Logged, (await fixture.AcknowledgeAsync(said)).Verdict);
        Assert.Equal(PrekeyVerdict.Closed, (await fixture.PublishAsync(bundle)).Verdict);
    }

    [Fact]
    public async Task Mode_OfALedgerThatHasNotBegun_BeginsItWithItsDocument()
    {
        await using var fixture = new LedgerFixture();
        var set = await SetAsync(fixture, fixture.Ledgers, NegotiationMode.Closed);
        Assert.Equal((ModeVerdict.Changed, 1L), (set.Verdict, set.Index));
        var state = fixture.Head().State;
        Assert.Equal((2L, fixture.Document.Version, NegotiationMode.Closed), (state.Size, state.Policy.Version, state.Mode));
    }

    // A document that contradicts the one in force keeps envelopes waiting; it must not keep an operator from closing.
    [Fact]
    public async Task Mode_UnderADocumentThatContradicts_IsSetAllTheSame()
    {
        await using var fixture = new LedgerFixture();
        await fixture.CommitAsync(fixture.Make(1, null));
        var candidate = ModeCandidate.Of(NegotiationMode.Closed, fixture.Document);
        var other = candidate with { Policy = candidate.Policy with { Digest = Digest.Of("other"u8) } };
        var set = await fixture.Ledgers.SetModeAsync(TestNegotiation.Name, other, TestContext.Current.CancellationToken);
        Assert.Equal(ModeVerdict.Changed, set.Verdict);
    }

    [Fact]
    public async Task Mode_StoreAway_IsUnavailable()
    {
        await using var fixture = new LedgerFixture();
        await fixture.CommitAsync(fixture.Make(1, null));
        fixture.Certifier.IsAvailable = false;
        fixture.Time.Advance(TimeSpan.FromHours(2));
        var stop = fixture.PumpClock();
        Assert.Equal(ModeVerdict.LedgerUnavailable, (await SetAsync(fixture, fixture.Ledgers, NegotiationMode.Closed)).Verdict);
        await stop();
    }

    private static Task<ModeRuling> SetAsync(LedgerFixture fixture, NegotiationLedgers worker, NegotiationMode mode) =>
        worker.SetModeAsync(
            TestNegotiation.Name, ModeCandidate.Of(mode, fixture.Document), TestContext.Current.CancellationToken).AsTask();
}
