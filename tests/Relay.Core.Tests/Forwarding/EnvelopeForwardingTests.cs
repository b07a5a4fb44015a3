using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Tests.Forwarding;

public sealed class EnvelopeForwardingTests
{
    [Theory]
    [InlineData(SendOutcome.Accepted, SendOutcome.Accepted, Verdict.Forwarded)]
    [InlineData(SendOutcome.Accepted, SendOutcome.Unavailable, Verdict.TopicUnavailable)]
    [InlineData(SendOutcome.Refused, SendOutcome.Accepted, Verdict.TopicRefused)]
    [InlineData(SendOutcome.Refused, SendOutcome.Unavailable, Verdict.TopicUnavailable)]
    public async Task ForwardAsync_TwoTopics_TriesBothAndRules(SendOutcome us, SendOutcome oslo, Verdict verdict)
    {
        await using var fixture = new PipelineFixture();
        fixture.Forwarder.Answers["delegation-us"] = us;
        fixture.Forwarder.Answers["delegation-oslo"] = oslo;

        var ruling = await fixture.RelayAsync(
            await fixture.Negotiation.SignAsync(fixture.Negotiation.Draft("iran", audience: ["us", "oslo"]), "qatar", "oman"));

        Assert.Equal(verdict, ruling.Verdict);
        Assert.Equal(2, fixture.Forwarder.Forwarded.Count);
        if (verdict == Verdict.TopicUnavailable) Assert.Contains("'delegation-oslo'", ruling.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForwardAsync_ExpiredMeanwhile_SendsNothing()
    {
        await using var fixture = new PipelineFixture();
        var wire = await fixture.Negotiation.SignAsync("qatar", "oman");
        var examination = await fixture.Pipeline.ExamineAsync(wire, DirectoryShare.Queue, TestContext.Current.CancellationToken);
        fixture.Time.Advance(TimeSpan.FromHours(1));

        var envelope = new LoggedEnvelope(examination.Admitted!.Envelope.Head, wire, 1_000, 1, default);

        var ruling = await new EnvelopeForwarding(fixture.Forwarder, () => fixture.Clock.Now).ForwardAsync(
            envelope, examination.Admitted.Document, null, TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Expired, ruling.Verdict);
        Assert.Empty(fixture.Forwarder.Forwarded);

        // By the services' time it has not: this machine's clock is ahead.
        fixture.Clock.Observe(fixture.Time.GetUtcNow().AddHours(-1));
        ruling = await new EnvelopeForwarding(fixture.Forwarder, () => fixture.Clock.Now).ForwardAsync(
            envelope, examination.Admitted.Document, null, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Forwarded, ruling.Verdict);
        Assert.InRange(Assert.Single(fixture.Forwarder.Forwarded).TimeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task ForwardAsync_TraceParent_IsHandedOn()
    {
        await using var fixture = new PipelineFixture();
        const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await fixture.Pipeline.RelayAsync(
            await fixture.Negotiation.SignAsync("qatar", "oman"),
            TraceParent,
            PipelineFixture.Within,
            gathering: null,
            TestContext.Current.CancellationToken);
        var sent = Assert.Single(fixture.Forwarder.Forwarded);
        Assert.Equal(TraceParent, sent.TraceParent);
        Assert.Equal(Lane.Normal, sent.Id.Lane);
    }
}
