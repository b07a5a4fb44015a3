using Azure.Messaging.ServiceBus;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;

namespace Relay.Client.Tests.Delegations;

public sealed class DelegationInboxTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly FakeBus _bus = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task ReceiveAsync_GoodEnvelope_IsCompleted()
    {
        _bus.Inbox.Enqueue((await _samples.EnvelopeAsync("hello")).Wire.ToArray());
        await using var inbox = Inbox(_samples.Inspector());
        var message = await inbox.ReceiveAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(InboxFault.None, message!.Result.Fault);
        await message.SettleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["receive delegation-iran/inbox", "complete"], _bus.Calls);
    }

    [Fact]
    public async Task SettleAsync_BadEnvelope_IsDeadLetteredWithCodeAndDetail()
    {
        _bus.Inbox.Enqueue(Samples.Utf8("{}"));
        await using var inbox = Inbox(_samples.Inspector());
        var message = await inbox.ReceiveAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await message!.SettleAsync(TestContext.Current.CancellationToken);
        Assert.Equal("dead-letter not-an-envelope: MissingMember: expected member 'payload', which is absent", _bus.Calls[^1]);
    }

    [Fact]
    public async Task ReceiveAsync_KeysUnreadForAnHour_WaitsLockedAndBurnsNoDelivery()
    {
        _bus.Waits = wait => _samples.Time.Advance(wait);
        _bus.Inbox.Enqueue((await _samples.EnvelopeAsync("hello")).Wire.ToArray());
        var keys = new KeysLater(_samples.MediatorKeys);
        await using var inbox = Inbox(_samples.Inspector(keys));
        for (var minute = 0; minute < 60; minute++)
        {
            Assert.Null(await inbox.ReceiveAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
            Assert.Equal(1, inbox.WaitingForKeys);
            Assert.NotNull(inbox.WaitReason);
        }

        Assert.DoesNotContain("abandon", _bus.Calls);
        Assert.InRange(_bus.Calls.Count(call => call == "renew"), 120, 300);
        keys.Read = true;
        var message = await inbox.ReceiveAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(InboxFault.None, message!.Result.Fault);
        await message.SettleAsync(TestContext.Current.CancellationToken);
        Assert.Equal("complete", _bus.Calls[^1]);
        Assert.Equal((0, null), (inbox.WaitingForKeys, inbox.WaitReason));
    }

    [Fact]
    public async Task ReceiveAsync_NothingThere_IsNull()
    {
        _bus.Waits = wait => _samples.Time.Advance(wait);
        await using var inbox = Inbox(_samples.Inspector());
        Assert.Null(await inbox.ReceiveAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
    }

    private DelegationInbox Inbox(EnvelopeInspector inspector) => new(_bus, inspector, InboxOrder.AsItComes, null, _samples.Time);

    private sealed class KeysLater(IMediatorKeys inner) : IMediatorKeys
    {
        public bool Read { get; set; }

        public ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken) =>
            Read
                ? inner.FindAsync(identifier, signedAt, cancellationToken)
                : ValueTask.FromResult(new MediatorKey(SignatureOutcome.KeyUnavailable, null));
    }
}
