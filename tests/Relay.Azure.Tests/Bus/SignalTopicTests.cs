using System.Text;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Azure.Bus;
using Relay.Core.Ledger.Rules;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Testing;

namespace Relay.Azure.Tests.Bus;

public sealed class SignalTopicTests : IAsyncDisposable
{
    private static readonly EnvelopeId Id = new("doha-2026", "us", Lane.Urgent, 7);

    private readonly FakeBus _bus = new();
    private readonly BusSender _sender;

    public SignalTopicTests() =>
        _sender = new BusSender(_bus, Options.Create(new ServiceBusOptions()), new ManualTimeProvider(), NullLogger<BusSender>.Instance);

    public static TheoryData<LedgerSignalKind, string> Kinds => new()
    {
        { LedgerSignalKind.Equivocation, "equivocation" },
        { LedgerSignalKind.BrokenChain, "broken-chain" },
        { LedgerSignalKind.ForkSeen, "fork-seen" },
        { LedgerSignalKind.HeldExpired, "held-expired" },
        { LedgerSignalKind.Throttled, "throttled" },
        { LedgerSignalKind.ThrottleEnded, "throttle-ended" },
        { LedgerSignalKind.ModeChanged, "mode-changed" },
    };

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TellAsync_Event_IsAMessageOfItsNegotiation(bool isUp)
    {
        if (!isUp) _bus.Failure = new ServiceBusException("gone", ServiceBusFailureReason.ServiceTimeout);
        var told = await new SignalTopic(_sender).TellAsync(
            "doha-2026", "relay.signals.v1", "application/cloudevents+json", "{}"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(isUp, told);
        if (!isUp) return;
        var message = Assert.Single(_bus.Sent).Message;
        Assert.Equal(
            ("relay.signals.v1", "doha-2026", "application/cloudevents+json", "{}"),
            (message.Subject, message.SessionId, message.ContentType, message.Body.ToString()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task SendAsync_Signal_SaysWhatHappenedToWhichEnvelopeAndNoMore(LedgerSignalKind kind, string text)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_123);
        Assert.True(await new SignalTopic(_sender).SendAsync(new LedgerSignal(kind, Id, 41, at), TestContext.Current.CancellationToken));

        var (entity, message) = Assert.Single(_bus.Sent);
        Assert.Equal(("signals", text, "doha-2026", "application/json"), (entity, message.Subject, message.SessionId, message.ContentType));
        Assert.Equal(
            $$"""{"kind":"{{text}}","id":"doha-2026/us/urgent/7","index":41,"at":1767225600123}""",
            Encoding.UTF8.GetString(message.Body.ToMemory().Span));
        Assert.Empty(message.ApplicationProperties);
    }

    [Fact]
    public async Task SendAsync_WithoutEvidence_HasNoIndex()
    {
        await new SignalTopic(_sender).SendAsync(
            new LedgerSignal(LedgerSignalKind.HeldExpired, Id, null, DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);
        Assert.Equal(
            """{"kind":"held-expired","id":"doha-2026/us/urgent/7","at":0}""",
            Encoding.UTF8.GetString(Assert.Single(_bus.Sent).Message.Body.ToMemory().Span));
    }

    [Fact]
    public async Task SendAsync_ModeChanged_NamesTheNegotiationAndTheMode()
    {
        var signal = new LedgerSignal(LedgerSignalKind.ModeChanged, null, 9, DateTimeOffset.UnixEpoch)
        {
            Negotiation = "doha-2026",
            Mode = NegotiationMode.ReadOnly,
        };
        await new SignalTopic(_sender).SendAsync(signal, TestContext.Current.CancellationToken);
        var (_, message) = Assert.Single(_bus.Sent);
        Assert.Equal(("mode-changed", "doha-2026"), (message.Subject, message.SessionId));
        Assert.Equal(
            """{"kind":"mode-changed","negotiation":"doha-2026","mode":"read-only","index":9,"at":0}""",
            Encoding.UTF8.GetString(message.Body.ToMemory().Span));
    }

    [Fact]
    public async Task SendAsync_TopicDown_IsNotSent()
    {
        _bus.Failure = new ServiceBusException("busy", ServiceBusFailureReason.ServiceBusy);
        Assert.False(
            await new SignalTopic(_sender).SendAsync(
                new LedgerSignal(LedgerSignalKind.ForkSeen, Id, 1, DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void KindOf_EveryKind_IsOfTheTable() => Assert.Equal(Enum.GetValues<LedgerSignalKind>(), Kinds.Select(row => row.Data.Item1));
}
