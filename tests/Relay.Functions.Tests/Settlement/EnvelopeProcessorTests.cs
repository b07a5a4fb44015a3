using Azure.Messaging.ServiceBus;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Functions.Settlement;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Tests.Settlement;

public sealed class EnvelopeProcessorTests : IAsyncDisposable
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly FunctionsFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task ProcessAsync_GoodEnvelope_IsForwardedThenCompleted()
    {
        await ProcessAsync(await _fixture.Negotiation.SignAsync("qatar", "oman"));
        Assert.Equal(["complete"], _fixture.Acts.All);
        Assert.Single(_fixture.Forwarder.Forwarded);
    }

    [Fact]
    public async Task ProcessAsync_BadEnvelope_IsDeadLetteredWithReasonAndDescription()
    {
        await ProcessAsync(await _fixture.Negotiation.SignAsync("qatar", "qatar"));
        const string Expected = "dead-letter mediator-repeated: expected signatures of weight 3, got 2";
        Assert.StartsWith(Expected, Assert.Single(_fixture.Acts.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProcessAsync_ManySignatures_DescriptionFitsTheBus()
    {
        await ProcessAsync(await _fixture.Negotiation.SignAsync([.. Enumerable.Repeat("stranger", 32)]));
        Assert.StartsWith("dead-letter unknown-mediator", Assert.Single(_fixture.Acts.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProcessAsync_TopicDown_SchedulesACopyBeforeItCompletes()
    {
        _fixture.Forwarder.Answers["delegation-iran"] = SendOutcome.Unavailable;
        var wire = await _fixture.Negotiation.SignAsync("qatar", "oman");

        await ProcessAsync(wire, ("relay-attempt", 2), ("traceparent", TraceParent), ("tracestate", "leak=1"), ("anything", "else"));

        Assert.Equal(["enqueue", "complete"], _fixture.Acts.All);
        var copy = _fixture.Queue.Last!;
        Assert.Equal(wire, copy.Body.ToArray());
        Assert.Equal(
            (Lane.Urgent, 3, _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(0.5), TraceParent),
            (copy.Queue, copy.Attempt, copy.DueAt, copy.TraceParent));
    }

    [Fact]
    public async Task ProcessAsync_Embargoed_SchedulesACopyForItsTime()
    {
        var until = _fixture.Time.GetUtcNow() + TimeSpan.FromMinutes(7);
        await ProcessAsync(await _fixture.Negotiation.SignAsync(_fixture.Negotiation.Draft() with { NotBefore = until }, "qatar", "oman"));
        Assert.Equal(["enqueue", "complete"], _fixture.Acts.All);
        Assert.Equal((until, 0), (_fixture.Queue.Last!.DueAt, _fixture.Queue.Last.Attempt));
    }

    /// <summary>All clocks were set on by an hour, and nothing but the queue has said so yet.</summary>
    [Theory]
    [InlineData(0, "complete")]
    [InlineData(-3_600, "enqueue complete")]
    public async Task ProcessAsync_EmbargoThatIsOverByTheBus_IsForwarded(int enqueued, string expected)
    {
        var now = _fixture.Time.GetUtcNow();
        _fixture.Create<ServiceClock>().Observe(now - TimeSpan.FromHours(1));
        var draft = _fixture.Negotiation.Draft() with
        {
            IssuedAt = now - TimeSpan.FromHours(1),
            NotBefore = now - TimeSpan.FromMinutes(20),
        };
        var message = ServiceBusModelFactory.ServiceBusReceivedMessage(
            BinaryData.FromBytes(await _fixture.Negotiation.SignAsync(draft, "qatar", "oman")),
            lockedUntil: DateTimeOffset.MaxValue,
            enqueuedTime: now + TimeSpan.FromSeconds(enqueued));
        await _fixture.Create<EnvelopeProcessor>()
            .ProcessAsync([message], _fixture.Actions, Lane.Normal, TestContext.Current.CancellationToken);
        Assert.Equal(expected, string.Join(' ', _fixture.Acts.All));
    }

    [Fact]
    public async Task ProcessAsync_BusTakesNoCopy_IsGivenBack()
    {
        _fixture.Source.Answer = (_, _) => new(DirectoryReadStatus.Unavailable, default, null);
        _fixture.Queue.Answer = SendOutcome.Unavailable;
        await ProcessAsync(await _fixture.Negotiation.SignAsync("qatar", "oman"), ("relay-attempt", 1));
        Assert.Equal(["enqueue", "abandon"], _fixture.Acts.All);
    }

    [Fact]
    public async Task ProcessAsync_DirectoryDownUntilExpiry_IsDeadLetteredAsExpired()
    {
        _fixture.Source.Answer = (_, _) => new(DirectoryReadStatus.Unavailable, default, null);
        var wire = await _fixture.Negotiation.SignAsync("qatar", "oman");
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        await ProcessAsync(wire, ("relay-attempt", 1));
        Assert.StartsWith("dead-letter expired: ", Assert.Single(_fixture.Acts.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProcessAsync_HostStopsAfterTheForward_IsStillCompleted()
    {
        using var stopping = new CancellationTokenSource();
        _fixture.Forwarder.Answers.Clear();
        var wire = await _fixture.Negotiation.SignAsync("qatar", "oman");
        _fixture.Forwarder.AfterForward = stopping.Cancel;
        await _fixture.Create<EnvelopeProcessor>()
            .ProcessAsync([FunctionsFixture.Message(wire)], _fixture.Actions, Lane.Normal, stopping.Token);
        Assert.Equal(["complete"], _fixture.Acts.All);
    }

    [Fact]
    public async Task SettleAsync_EveryVerdict_DoesWhatTheTableSays()
    {
        var settler = _fixture.Create<EnvelopeSettler>();
        foreach (var verdict in Enum.GetValues<Verdict>())
        {
            _fixture.Acts.Clear();
            await settler.SettleAsync(
                FunctionsFixture.Message([1]),
                _fixture.Actions,
                Lane.Normal,
                new MessageLock(FunctionsFixture.Message([1]), _fixture.Time, null),
                new Ruling(verdict, "reason", "description"),
                new byte[] { 1 },
                null);
            string[] expected = VerdictTable.For(verdict).Settlement switch
            {
                SettlementAction.Complete => ["complete"],
                SettlementAction.Retry or SettlementAction.Postpone => ["enqueue", "complete"],
                SettlementAction.DeadLetter => ["dead-letter reason: description"],
                SettlementAction.Abandon => ["abandon"],
            };
            Assert.Equal(expected, _fixture.Acts.All);
        }
    }

    private Task ProcessAsync(byte[] wire, params (string, object)[] properties) =>
        _fixture.Create<EnvelopeProcessor>().ProcessAsync(
            [FunctionsFixture.Message(wire, properties)], _fixture.Actions, Lane.Urgent, TestContext.Current.CancellationToken);
}
