using System.Net.Sockets;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Azure.Bus;
using Relay.Core.Forwarding;
using Relay.Core.Settlement;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.Azure.Tests.Bus;

public sealed class BusSenderTests : IAsyncDisposable
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly ManualTimeProvider _time = new();
    private readonly FakeBus _bus = new();
    private readonly BusSender _sender;

    public BusSenderTests() =>
        _sender = new BusSender(_bus, Options.Create(new ServiceBusOptions()), _time, NullLogger<BusSender>.Instance);

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    [Fact]
    public async Task ForwardAsync_Envelope_CarriesWhatTheProtocolSaysAndNoMore()
    {
        var digest = Digest.Of("payload"u8);
        var outbound = new OutboundEnvelope(
            "delegation-iran",
            "body"u8.ToArray(),
            new EnvelopeId("doha-2026", "us", Lane.Urgent, 7),
            digest,
            41,
            "receipt"u8.ToArray(),
            TimeSpan.FromMinutes(3),
            TraceParent);

        Assert.Equal(SendOutcome.Accepted, await new TopicForwarder(_sender).ForwardAsync(outbound, TestContext.Current.CancellationToken));

        var (entity, message) = Assert.Single(_bus.Sent);
        Assert.Equal("delegation-iran", entity);
        Assert.Equal("body"u8.ToArray(), message.Body.ToArray());
        Assert.Equal(
            (digest.ToString(), "doha-2026", "application/vnd.relay.envelope+jose+json", TimeSpan.FromMinutes(3)),
            (message.MessageId, message.SessionId, message.ContentType, message.TimeToLive));
        Assert.Equal(
            new Dictionary<string, object>
            {
                ["relay-id"] = "doha-2026/us/urgent/7",
                ["relay-lane"] = "urgent",
                ["relay-index"] = 41L,
                ["relay-receipt"] = "receipt",
                ["traceparent"] = TraceParent,
                ["Diagnostic-Id"] = TraceParent,
            },
            message.ApplicationProperties);
        Assert.Null(message.CorrelationId);
        Assert.Null(message.Subject);
    }

    [Theory]
    [InlineData("signals")]
    [InlineData("envelopes")]
    [InlineData("delegation-")]
    public async Task ForwardAsync_TopicOfNoDelegation_IsRefusedUnsent(string topic)
    {
        var outbound = new OutboundEnvelope(
            topic, default, new EnvelopeId("doha-2026", "us", Lane.Normal, 1), default, 0, default, TimeSpan.FromMinutes(1), null);
        Assert.Equal(SendOutcome.Refused, await new TopicForwarder(_sender).ForwardAsync(outbound, TestContext.Current.CancellationToken));
        Assert.Empty(_bus.Sent);
    }

    [Theory]
    [InlineData(Lane.Normal, "envelopes")]
    [InlineData(Lane.Urgent, "envelopes-urgent")]
    public async Task EnqueueAsync_Copy_IsScheduledWithItsAttempt(Lane lane, string queue)
    {
        var due = _time.GetUtcNow() + TimeSpan.FromSeconds(9);
        var copy = new QueuedEnvelope("body"u8.ToArray(), lane) { Attempt = 3, DueAt = due, TraceParent = TraceParent };

        Assert.Equal(SendOutcome.Accepted, await new EnvelopeQueues(_sender).EnqueueAsync(copy, TestContext.Current.CancellationToken));

        var (entity, message) = Assert.Single(_bus.Sent);
        Assert.Equal((queue, due), (entity, message.ScheduledEnqueueTime));
        Assert.Equal(
            new Dictionary<string, object>
            {
                ["relay-attempt"] = 3,
                ["traceparent"] = TraceParent,
                ["Diagnostic-Id"] = TraceParent,
            }, message.ApplicationProperties);
    }

    [Fact]
    public async Task EnqueueAsync_Submission_HasNoProperties()
    {
        await new EnvelopeQueues(_sender).EnqueueAsync(
            new QueuedEnvelope("body"u8.ToArray(), Lane.Normal), TestContext.Current.CancellationToken);
        Assert.Empty(Assert.Single(_bus.Sent).Message.ApplicationProperties);
    }

    public static TheoryData<Exception, int> Failures => new()
    {
        { new ServiceBusException("large", ServiceBusFailureReason.MessageSizeExceeded), (int)SendOutcome.Refused },
        { new ServiceBusException("busy", ServiceBusFailureReason.ServiceBusy), (int)SendOutcome.Unavailable },
        { new ServiceBusException("gone", ServiceBusFailureReason.MessagingEntityNotFound), (int)SendOutcome.Unavailable },
        { new UnauthorizedAccessException("claims"), (int)SendOutcome.Unavailable },
        { new SocketException(), (int)SendOutcome.Unavailable },
        { new OperationCanceledException("the client's own"), (int)SendOutcome.Unavailable },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task SendAsync_Failure_IsAnOutcome(Exception exception, int outcome)
    {
        _bus.Failure = exception;
        Assert.Equal((SendOutcome)outcome, await SendAsync());
        _bus.Failure = null;
        Assert.Equal(SendOutcome.Accepted, await SendAsync());
    }

    [Fact]
    public async Task SendAsync_NoAnswer_IsUnavailableAfterTheTimeout()
    {
        _bus.Hang = true;
        var send = SendAsync().AsTask();
        await TestDeadline.Until(() => _time.ArmedTimers > 0, "the timeout");
        _time.Advance(new ServiceBusOptions().SendTimeout);
        Assert.Equal(SendOutcome.Unavailable, await TestDeadline.Within(send));
    }

    [Fact]
    public async Task SendAsync_CallerCancels_Throws()
    {
        _bus.Hang = true;
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var send = _sender.SendAsync("delegation-iran", new ServiceBusMessage("body"), "id", cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(send));
    }

    [Fact]
    public async Task SendAsync_ManyAtOnce_ShareOneSender()
    {
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => SendAsync().AsTask())));
        Assert.Equal((1, 100), (_bus.Senders, _bus.Sent.Count));
    }

    private ValueTask<SendOutcome> SendAsync() =>
        _sender.SendAsync("delegation-iran", new ServiceBusMessage("body"), "id", TestContext.Current.CancellationToken);
}
