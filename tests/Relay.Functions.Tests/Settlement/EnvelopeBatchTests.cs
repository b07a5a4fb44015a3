using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using Grpc.Core;
using Relay.Core.Forwarding;
using Relay.Core.Tests;
using Relay.Functions.Settlement;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.Functions.Tests.Settlement;

public sealed class EnvelopeBatchTests : IAsyncDisposable
{
    private static readonly TimeSpan Lock = TimeSpan.FromMinutes(1);

    private readonly FunctionsFixture _fixture = new();
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task ProcessAsync_GoodAndBadOnes_EachIsSettledByItselfOnce()
    {
        var embargoed = _fixture.Negotiation.Draft("us", lane: Lane.Urgent) with { NotBefore = _fixture.Time.GetUtcNow() + Lock };
        await ProcessAsync(
            Message(1, await SignedAsync("us")),
            Message(2, await _fixture.Negotiation.SignAsync("qatar", "qatar")),
            Message(3, "no envelope"u8.ToArray()),
            WithoutData(4),
            Message(5, await _fixture.Negotiation.SignAsync(embargoed, "qatar", "oman")),
            Message(6, await SignedAsync("iran")));

        Assert.Equal(["complete"], _fixture.Acts.Of(1));
        Assert.StartsWith("dead-letter mediator-repeated", Assert.Single(_fixture.Acts.Of(2)), StringComparison.Ordinal);
        Assert.StartsWith("dead-letter not-json", Assert.Single(_fixture.Acts.Of(3)), StringComparison.Ordinal);
        Assert.StartsWith("dead-letter not-a-data-body", Assert.Single(_fixture.Acts.Of(4)), StringComparison.Ordinal);
        Assert.Equal(["complete"], _fixture.Acts.Of(5));
        Assert.Equal(["complete"], _fixture.Acts.Of(6));
        Assert.Equal(7, _fixture.Acts.All.Count);
        Assert.Equal(["iran", "us"], _fixture.Forwarder.Forwarded.Select(sent => sent.Id.Sender).Order());
    }

    [Fact]
    public async Task ProcessAsync_SameEnvelopeTwice_IsForwardedOnceAndBothAreCompleted()
    {
        var wire = await SignedAsync("us");
        await ProcessAsync(Message(1, wire), Message(2, wire));
        Assert.Equal(["complete", "complete"], _fixture.Acts.All);
        Assert.Single(_fixture.Forwarder.Forwarded.Select(sent => sent.Index).Distinct());
    }

    [Fact]
    public async Task ProcessAsync_BusTakesNoCopyOfOne_GivesBackThatOneAlone()
    {
        _fixture.Queue.Answer = SendOutcome.Unavailable;
        _fixture.Forwarder.Answers["delegation-oslo"] = SendOutcome.Unavailable;
        var toOslo = _fixture.Negotiation.Draft("iran", audience: ["oslo"]);
        await ProcessAsync(
            Message(1, await _fixture.Negotiation.SignAsync(toOslo, "qatar", "oman"), ("relay-attempt", 1)),
            Message(2, await SignedAsync("us")));
        Assert.Equal(["abandon"], _fixture.Acts.Of(1));
        Assert.Equal(["complete"], _fixture.Acts.Of(2));
    }

    [Fact]
    public async Task ProcessAsync_OneMeetsAFault_IsGivenBackAloneAndNothingIsThrown()
    {
        _fixture.Keys.BeforeAnswer = (key, _) => IsSlow(key) ? throw new InvalidTimeZoneException("a fault of ours") : Task.CompletedTask;
        await ProcessAsync(Message(1, await SlowAsync()), Message(2, await SignedAsync("iran")));
        Assert.Equal(["abandon"], _fixture.Acts.Of(1));
        Assert.Equal(["complete"], _fixture.Acts.Of(2));
    }

    [Theory]
    [InlineData(StatusCode.Unknown)]
    [InlineData(StatusCode.FailedPrecondition)]
    [InlineData(StatusCode.Unavailable)]
    public async Task ProcessAsync_SettlementRefused_IsNotTriedAnotherWay(StatusCode status)
    {
        _fixture.Actions.Refuses = message => message.SequenceNumber == 1 ? new RpcException(new Status(status, "MessageLockLost")) : null;
        await ProcessAsync(Message(1, await SignedAsync("us")), Message(2, await SignedAsync("iran")));
        Assert.Equal(["complete"], _fixture.Acts.Of(1));
        Assert.Equal(["complete"], _fixture.Acts.Of(2));
    }

    [Fact]
    public async Task ProcessAsync_GivingBackRefused_IsNotThrown()
    {
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();
        _fixture.Actions.Refuses = _ => new RpcException(new Status(StatusCode.FailedPrecondition, "LockToken not found."));
        await ProcessAsync(stopping.Token, Message(1, await SignedAsync("us")));
        Assert.Equal(["abandon"], _fixture.Acts.Of(1));
    }

    [Fact]
    public async Task ProcessAsync_LockHasRunOut_IsNotBegunAndLeft()
    {
        var now = _fixture.Time.GetUtcNow();
        await ProcessAsync(
            FunctionsFixture.Message(1, await SignedAsync("us"), now - TimeSpan.FromSeconds(1)),
            FunctionsFixture.Message(2, await SignedAsync("us"), now),
            Message(3, await SignedAsync("iran")));
        Assert.Equal(["complete"], _fixture.Acts.All);
        Assert.Equal(["complete"], _fixture.Acts.Of(3));
        Assert.Equal("iran", Assert.Single(_fixture.Forwarder.Forwarded).Id.Sender);
    }

    [Fact]
    public async Task ProcessAsync_LockRunsOutOnTheWay_IsLeftWithoutACopy()
    {
        HoldUp();
        var endsAt = _fixture.Time.GetUtcNow() + (2 * MessageLock.Margin);
        var batch = ProcessAsync(
            FunctionsFixture.Message(1, await SlowAsync(), endsAt), Message(2, await SignedAsync("iran")));
        await TestDeadline.Within(_waits.Task);
        _fixture.Time.Advance(MessageLock.Margin);
        await TestDeadline.Within(batch);
        Assert.Empty(_fixture.Acts.Of(1));
        Assert.Equal(["complete"], _fixture.Acts.All);
    }

    /// <summary>The shortest that the service offers: a margin of as much would leave every message to its lock.</summary>
    [Fact]
    public async Task ProcessAsync_QueueLocksForFiveSeconds_IsCompleted()
    {
        var lockedUntil = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(5);
        await ProcessAsync(FunctionsFixture.Message(1, await SignedAsync("us"), lockedUntil));
        Assert.Equal(["complete"], _fixture.Acts.All);
    }

    [Fact]
    public async Task ProcessAsync_SlowOne_HoldsUpItsNeighboursUntilPatienceEndsAndIsScheduledAnew()
    {
        HoldUp();
        var batch = ProcessAsync(Message(1, await SlowAsync()), Message(2, await SignedAsync("iran")));
        await TestDeadline.Until(() => _fixture.Acts.Of(2).Count > 0, "the neighbour's settlement");
        Assert.False(batch.IsCompleted);

        _fixture.Time.Advance(EnvelopeProcessor.Patience);
        await TestDeadline.Within(batch);
        Assert.Equal(["complete", "enqueue", "complete"], _fixture.Acts.All);
        Assert.Equal(["complete"], _fixture.Acts.Of(1));
        Assert.Equal(1, _fixture.Queue.Last!.Attempt);
        Assert.Equal("iran", Assert.Single(_fixture.Forwarder.Forwarded).Id.Sender);
    }

    [Fact]
    public async Task ProcessAsync_HostStopsBefore_GivesEachBackAndBeginsNone()
    {
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();
        await ProcessAsync(stopping.Token, Message(1, await SignedAsync("us")), Message(2, await SignedAsync("iran")));
        Assert.Equal(["abandon", "abandon"], _fixture.Acts.All);
        Assert.Empty(_fixture.Keys.Asked);
    }

    [Fact]
    public async Task ProcessAsync_HostStopsMeanwhile_CompletesWhatIsDoneAndGivesBackTheRest()
    {
        using var stopping = new CancellationTokenSource();
        HoldUp();
        _fixture.Forwarder.AfterForward = stopping.Cancel;
        await TestDeadline.Within(ProcessAsync(stopping.Token, Message(1, await SlowAsync()), Message(2, await SignedAsync("iran"))));
        Assert.Equal(["abandon"], _fixture.Acts.Of(1));
        Assert.Equal(["complete"], _fixture.Acts.Of(2));
    }

    [Fact]
    public async Task ProcessAsync_ManyOfOneNegotiation_ShareACommitInTheBusesOrder()
    {
        var chain = await ChainAsync(40);
        await ProcessAsync([.. chain.Select((wire, i) => Message(i + 1, wire))]);

        Assert.Equal(Enumerable.Repeat("complete", chain.Count), _fixture.Acts.All);
        var sent = _fixture.Forwarder.Forwarded.OrderBy(envelope => envelope.Index).ToList();
        Assert.Equal(Enumerable.Range(1, chain.Count), sent.Select(envelope => (int)envelope.Id.Sequence));
        Assert.All(sent, envelope =>
        {
            Assert.True(Receipt.TryParse(envelope.Receipt, out var receipt, out _, out var error), error);
            Assert.Equal(sent[^1].Index + 1, receipt.Checkpoint.Size);
        });
    }

    [Fact]
    public async Task ProcessAsync_MoreThanAtOnce_EachIsSettledOnce()
    {
        var chain = await ChainAsync(300);
        await ProcessAsync([.. chain.Select((wire, i) => Message(i + 1, wire))]);
        Assert.Equal(Enumerable.Repeat("complete", chain.Count), _fixture.Acts.All);
        Assert.All(Enumerable.Range(1, chain.Count), number => Assert.Single(_fixture.Acts.Of(number)));
        Assert.Equal(chain.Count, _fixture.Forwarder.Forwarded.Count);
    }

    [Fact]
    public async Task ProcessAsync_OneWaitsForAKey_TheOthersCommitWithoutIt()
    {
        HoldUp();
        var batch = ProcessAsync(Message(1, await SlowAsync()), Message(2, await SignedAsync("iran")));
        await TestDeadline.Until(() => _fixture.Acts.Of(2).Count > 0, "the neighbour's settlement");
        _answers.SetResult();
        await TestDeadline.Within(batch);
        Assert.Equal(["complete", "complete"], _fixture.Acts.All);
    }

    // The key of one mediator, who signed the slow envelope alone, comes late.
    private void HoldUp() => _fixture.Keys.BeforeAnswer = (key, token) =>
    {
        if (!IsSlow(key)) return Task.CompletedTask;
        _waits.TrySetResult();
        return _answers.Task.WaitAsync(token);
    };

    private static bool IsSlow(KeyIdentifier key) => key.Text == TestNegotiation.KeyId("swiss");

    private Task<byte[]> SlowAsync() => _fixture.Negotiation.SignAsync("qatar", "swiss");

    private Task<byte[]> SignedAsync(string sender) =>
        _fixture.Negotiation.SignAsync(_fixture.Negotiation.Draft(sender, audience: [sender == "us" ? "iran" : "us"]), "qatar", "oman");

    private async Task<List<byte[]>> ChainAsync(int count)
    {
        var chain = new List<byte[]>(count);
        Digest? previous = null;
        for (var sequence = 1; sequence <= count; sequence++)
        {
            var draft = _fixture.Negotiation.Draft() with
            {
                Id = new EnvelopeId(TestNegotiation.Name, "us", Lane.Normal, sequence),
                Previous = previous,
            };
            chain.Add(await _fixture.Negotiation.SignAsync(draft, "qatar", "oman"));
            Assert.True(Envelope.TryParse(chain[^1], EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
            previous = envelope.Digest;
        }

        return chain;
    }

    private ServiceBusReceivedMessage Message(long number, byte[] body, params (string, object)[] properties) =>
        FunctionsFixture.Message(number, body, _fixture.Time.GetUtcNow() + Lock, properties);

    private ServiceBusReceivedMessage WithoutData(long number)
    {
        var message = new AmqpAnnotatedMessage(AmqpMessageBody.FromValue("text"));
        message.MessageAnnotations["x-opt-sequence-number"] = number;
        message.MessageAnnotations["x-opt-locked-until"] = (_fixture.Time.GetUtcNow() + Lock).UtcDateTime;
        return ServiceBusReceivedMessage.FromAmqpMessage(message, BinaryData.FromBytes(Guid.NewGuid().ToByteArray()));
    }

    private Task ProcessAsync(params ServiceBusReceivedMessage[] messages) =>
        ProcessAsync(TestContext.Current.CancellationToken, messages);

#pragma warning disable CA1068 // The messages are a list of any length.
    private Task ProcessAsync(CancellationToken cancellationToken, params ServiceBusReceivedMessage[] messages) =>
        _fixture.Create<EnvelopeProcessor>().ProcessAsync(messages, _fixture.Actions, Lane.Normal, cancellationToken);
#pragma warning restore CA1068
}
