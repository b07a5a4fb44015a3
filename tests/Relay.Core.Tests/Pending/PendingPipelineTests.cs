using Relay.Core.Ledger.State;
using Relay.Core.Pending;
using Relay.Core.Rulings;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Core.Verification;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Tests.Pending;

/// <summary>Copies with some of a quorum's signatures become one envelope; mediators of weights 2, 1, 1, quorum 3.</summary>
public sealed class PendingPipelineTests
{
    [Fact]
    public async Task Relay_TwoCopiesThatSuffice_IsForwardedOnceWithBothSignatures()
    {
        await using var fixture = new PipelineFixture();
        var draft = fixture.Negotiation.Draft();
        var first = await RelayAsync(fixture, draft, "qatar");
        Assert.Equal((Verdict.Pending, "pending"), (first.Verdict, first.Reason));
        Assert.Contains("expected signatures of weight 3, got 2 so far", first.Description, StringComparison.Ordinal);
        Assert.Single(Kept(fixture));

        Assert.Equal(Verdict.Forwarded, (await RelayAsync(fixture, draft, "oman")).Verdict);
        var sent = Assert.Single(fixture.Forwarder.Forwarded);
        Assert.True(Envelope.TryParse(sent.Body, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        Assert.Equal(["mediator-qatar", "mediator-oman"], envelope.Signatures.Select(signature => signature.Key.Name));
        Assert.Empty(Kept(fixture));

        // What comes after that is known already, and kept nowhere.
        Assert.Equal(Verdict.Duplicate, (await RelayAsync(fixture, draft, "swiss")).Verdict);
        Assert.Equal(Verdict.Duplicate, (await RelayAsync(fixture, draft, "qatar", "oman")).Verdict);
        Assert.Empty(Kept(fixture));
        Assert.Single(fixture.Forwarder.Forwarded);
    }

    [Fact]
    public async Task Relay_AWholeCopy_TouchesNothingPending()
    {
        await using var fixture = new PipelineFixture();
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(fixture, fixture.Negotiation.Draft(), "qatar", "oman")).Verdict);
        Assert.DoesNotContain(fixture.Faults.Log, call => call.Contains(".pending/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Relay_TheSameCopyAgainAndAgain_WritesOnce()
    {
        await using var fixture = new PipelineFixture();
        var draft = fixture.Negotiation.Draft();
        for (var i = 0; i < 5; i++) Assert.Equal(Verdict.Pending, (await RelayAsync(fixture, draft, "qatar")).Verdict);
        Assert.Single(fixture.Faults.Log, static call => IsWrite(call));
    }

    [Theory]
    [InlineData("stranger")]
    [InlineData("qatar", "stranger")]
    [InlineData("qatar", "qatar")]
    public async Task Relay_WithoutASignatureThatCounts_OrWithAFaultThatExplainsIt_IsRefusedAsEver(params string[] mediators)
    {
        await using var fixture = new PipelineFixture();
        var ruling = await RelayAsync(fixture, fixture.Negotiation.Draft(), mediators);
        Assert.Equal(SettlementAction.DeadLetter, VerdictTable.For(ruling.Verdict).Settlement);
        Assert.Empty(Kept(fixture));
    }

    [Fact]
    public async Task Relay_OneKeyUnderTwoNames_CountsOnceAcrossCopies()
    {
        await using var fixture = new PipelineFixture();
        fixture.Keys.Keys[TestNegotiation.KeyId("oman")] = fixture.Keys.Keys[TestNegotiation.KeyId("qatar")];
        var draft = fixture.Negotiation.Draft();
        Assert.Equal(Verdict.Pending, (await RelayAsync(fixture, draft, "qatar")).Verdict);
        var twin = await fixture.Negotiation.ParseSignedByAsync(draft, "qatar", ["oman"]);
        Assert.Equal(Verdict.Pending, (await fixture.RelayAsync(twin.Wire)).Verdict);
        Assert.Empty(fixture.Forwarder.Forwarded);
        var standing = await FindAsync(fixture, draft.Id);
        Assert.Equal((2, 3), (standing!.Weight, standing.Required));
    }

    [Fact]
    public async Task Relay_AMediatorHasLeft_ItsSignatureCountsNoLonger()
    {
        await using var fixture = new PipelineFixture();
        var draft = fixture.Negotiation.Draft();
        await RelayAsync(fixture, draft, "qatar");
        fixture.Keys.Keys[TestNegotiation.KeyId("qatar")] = KeyStatus.Disabled;
        Assert.Equal(Verdict.Pending, (await RelayAsync(fixture, draft, "oman")).Verdict);
        var standing = await FindAsync(fixture, draft.Id);
        Assert.Equal((1, "oman", "qatar swiss"), (standing!.Weight, string.Join(' ', standing.Signed), string.Join(' ', standing.Missing)));

        // Its key is good again: the next copy, or the sweep, finds that it suffices.
        fixture.Keys.Keys[TestNegotiation.KeyId("qatar")] = new KeyLookup(KeyStatus.Usable, fixture.Negotiation.VerificationKeyOf("qatar"));
        await fixture.Sweep.RunAsync(TestContext.Current.CancellationToken);
        var message = Assert.Single(fixture.Queue.Put);
        Assert.Equal(Verdict.Forwarded, (await fixture.RelayAsync(message.Body)).Verdict);
        Assert.Equal(0, await fixture.Sweep.RunAsync(TestContext.Current.CancellationToken));
        Assert.Empty(Kept(fixture));
    }

    [Fact]
    public async Task Relay_AnEarlierSequenceWaits_TheLaterOneIsHeldAndReleasedWithIt()
    {
        await using var fixture = new PipelineFixture();
        var first = fixture.Negotiation.Draft();
        var second = first with { Id = first.Id with { Sequence = 2 }, Previous = SealedEnvelope.Create(first).Digest };
        await RelayAsync(fixture, first, "oman");
        Assert.Equal(Verdict.Held, (await RelayAsync(fixture, second, "qatar", "oman")).Verdict);
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(fixture, first, "qatar")).Verdict);
        await Relay.Testing.TestDeadline.Until(() => fixture.Forwarder.Forwarded.Count == 2, "the held one is released");
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(40.0)]
    public async Task Sweep_ItsTimeIsOver_IsDeadLetteredThroughItsQueueOnce(double hours)
    {
        await using var fixture = new PipelineFixture();
        var draft = fixture.Negotiation.Draft();
        draft = draft with { ExpiresAt = draft.IssuedAt + TimeSpan.FromHours(hours) };
        await RelayAsync(fixture, draft, "qatar");
        var token = TestContext.Current.CancellationToken;
        Assert.Equal(1, await fixture.Sweep.RunAsync(token));
        Assert.Empty(fixture.Queue.Put);

        fixture.Time.Advance(TimeSpan.FromHours(Math.Min(hours, 24)));
        for (var i = 0; i < 3; i++) await fixture.Sweep.RunAsync(token);
        var message = Assert.Single(fixture.Queue.Put);
        Assert.Equal(Lane.Normal, message.Queue);
        var ruling = await fixture.RelayAsync(message.Body);
        Assert.Equal((Verdict.QuorumNotMet, "quorum-not-met"), (ruling.Verdict, ruling.Reason));
        Assert.Contains("expected signatures of weight 3, got 2", ruling.Description, StringComparison.Ordinal);
        Assert.Contains("waited for others until", ruling.Description, StringComparison.Ordinal);
        Assert.Empty(Kept(fixture));
    }

    [Fact]
    public async Task Sweep_TheQueueTakesNothing_TriesAgain()
    {
        await using var fixture = new PipelineFixture();
        await RelayAsync(fixture, fixture.Negotiation.Draft(), "qatar");
        fixture.Time.Advance(TimeSpan.FromHours(2));
        fixture.Queue.Answer = Relay.Core.Forwarding.SendOutcome.Unavailable;
        await fixture.Sweep.RunAsync(TestContext.Current.CancellationToken);
        fixture.Queue.Answer = Relay.Core.Forwarding.SendOutcome.Accepted;
        await fixture.Sweep.RunAsync(TestContext.Current.CancellationToken);
        Assert.Single(fixture.Queue.Put);
        // A message that nobody ruled on within ten minutes is taken for lost.
        fixture.Time.Advance(PendingSweep.ReturnAgainAfter);
        await fixture.Sweep.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, fixture.Queue.Put.Count);
    }

    [Fact]
    public async Task Sweep_AWholeCopyCameMeanwhile_IsKeptNoLonger()
    {
        await using var fixture = new PipelineFixture();
        var draft = fixture.Negotiation.Draft();
        await RelayAsync(fixture, draft, "qatar");
        await RelayAsync(fixture, draft, "qatar", "oman");
        Assert.Single(Kept(fixture));
        Assert.Equal(0, await fixture.Sweep.RunAsync(TestContext.Current.CancellationToken));
        Assert.Empty(Kept(fixture));
        Assert.Empty(fixture.Queue.Put);
    }

    [Fact]
    public async Task Relay_AsManyWaitAsMay_WaitsOnItsQueueAndWholeOnesGoOn()
    {
        await using var fixture = new PipelineFixture();
        var draft = fixture.Negotiation.Draft();
        for (var i = 1; i <= PendingEnvelopes.MaxOfNegotiation + 1; i++)
        {
            var previous = i == 1 ? null : (Protocol.Text.Digest?)default(Protocol.Text.Digest);
            var ruling = await RelayAsync(fixture, draft with { Id = draft.Id with { Sequence = i }, Previous = previous }, "oman");
            Assert.Equal(i <= PendingEnvelopes.MaxOfNegotiation ? Verdict.Pending : Verdict.PendingFull, ruling.Verdict);
        }

        Assert.Equal(Verdict.Forwarded, (await RelayAsync(fixture, draft, "qatar", "oman")).Verdict);
        Assert.Equal(PendingEnvelopes.MaxOfNegotiation, Kept(fixture).Count);
        Assert.Equal(PendingEnvelopes.MaxOfNegotiation - 1, await fixture.Sweep.RunAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Relay_WhatIsKeptIsDamaged_IsBegunAnew()
    {
        await using var fixture = new PipelineFixture();
        var draft = fixture.Negotiation.Draft();
        await RelayAsync(fixture, draft, "qatar");
        fixture.Store.Set(Assert.Single(Kept(fixture)), "relay/pending/v1 1 0\n{}"u8.ToArray(), intact: true);
        Assert.Equal(1, await fixture.Sweep.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(Verdict.Pending, (await RelayAsync(fixture, draft, "oman")).Verdict);
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(fixture, draft, "qatar")).Verdict);
    }

    [Fact]
    public async Task Relay_AnEmbargoedOne_WaitsForItsTimeWithAllSignatures()
    {
        await using var fixture = new PipelineFixture();
        var draft = fixture.Negotiation.Draft();
        var begins = fixture.Time.GetUtcNow() + TimeSpan.FromHours(30);
        draft = draft with { NotBefore = begins, ExpiresAt = draft.IssuedAt + TimeSpan.FromHours(60) };
        Assert.Equal(Verdict.Pending, (await RelayAsync(fixture, draft, "qatar")).Verdict);
        Assert.Equal(Verdict.Embargoed, (await RelayAsync(fixture, draft, "oman")).Verdict);
        fixture.Time.Advance(TimeSpan.FromHours(30));
        Assert.Equal(Verdict.Forwarded, (await RelayAsync(fixture, draft, "oman")).Verdict);
        Assert.Empty(Kept(fixture));
    }

    private static bool IsWrite(string call) =>
        call.Contains(".pending/", StringComparison.Ordinal) && (call.StartsWith("create", StringComparison.Ordinal)
            || call.StartsWith("replace", StringComparison.Ordinal));

    private static List<string> Kept(PipelineFixture fixture) =>
        [.. fixture.Store.Names.Where(static name => name.StartsWith(LedgerPaths.PendingPrefix, StringComparison.Ordinal))];

    private static async Task<PendingStanding?> FindAsync(PipelineFixture fixture, EnvelopeId id) =>
        (await fixture.PendingReader.FindAsync(id, TestContext.Current.CancellationToken))?.Value;

    private static async Task<Ruling> RelayAsync(PipelineFixture fixture, EnvelopeDraft draft, params string[] mediators) =>
        await fixture.RelayAsync(await fixture.Negotiation.SignAsync(draft, mediators));
}
