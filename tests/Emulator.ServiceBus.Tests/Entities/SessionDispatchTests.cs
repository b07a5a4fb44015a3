using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Topology;
using static Emulator.ServiceBus.Tests.Entities.EntityFixture;

namespace Emulator.ServiceBus.Tests.Entities;

public sealed class SessionDispatchTests : IDisposable
{
    private readonly EntityFixture _entities = new();
    private readonly QueueEntity _queue;

    public SessionDispatchTests() => _queue = _entities.Queue(new QueueSettings { Name = "q", RequiresSession = true });

    private SessionDispatch Sessions => _queue.Messages.Sessions!;

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void Send_WithoutSessionId_IsRefused() => Assert.Equal(EntityFault.SessionIdMissing, _queue.Send([Message("a")], null).Fault);

    [Fact]
    public void Accept_Named_GetsOnlyItsMessagesInOrder()
    {
        Send("A1", "B1", "A2");
        var note = new SessionNote();
        var receiver = Sessions.Accept("A", note, ReceiveMode.PeekLock)!;

        Assert.Null(Sessions.Accept("A", new SessionNote(), ReceiveMode.PeekLock));
        Assert.Equal(["A1", "A2"], Receive(receiver).Select(message => message.Content.MessageId));
    }

    [Fact]
    public void AcceptNext_TwoSessions_OldestFirstAndNeverTheSameTwice()
    {
        Send("B1", "A1");
        var (first, second, third) = (Next(), Next(), Next());

        Assert.Equal("B", first.Granted?.Session?.Id);
        Assert.Equal("A", second.Granted?.Session?.Id);
        Assert.Null(third.Granted);
        Send("C1");
        Assert.Equal("C", third.Granted?.Session?.Id);
    }

    [Fact]
    public void AcceptNext_Cancelled_LeavesTheSessionToTheNext()
    {
        var (first, second) = (Next(), Next());
        Assert.True(Sessions.Cancel(first.Waiter!));
        Assert.False(Sessions.Cancel(first.Waiter!));

        Send("A1");

        Assert.Null(first.Granted);
        Assert.Equal("A", second.Granted?.Session?.Id);
        Assert.False(Sessions.Cancel(second.Waiter!));
    }

    [Fact]
    public void Close_WithUnsettled_ReturnsThemUncountedToTheNextOwner()
    {
        Send("A1", "A2");
        var receiver = Sessions.Accept("A", new SessionNote(), ReceiveMode.PeekLock)!;
        var message = Receive(receiver)[0];
        var waiting = Next();

        receiver.Close();

        Assert.Equal(EntityFault.SessionLockLost, _queue.Messages.Settle(message.LockToken, Settlement.Complete).Fault);
        var again = Receive(waiting.Granted!);
        Assert.Equal([("A1", 0), ("A2", 0)], again.Select(one => (one.Content.MessageId, one.DeliveryCount)));
    }

    [Fact]
    public void LockExpiry_NotRenewed_TellsTheOwnerAndFreesTheSession()
    {
        Send("A1");
        var note = new SessionNote();
        var receiver = Sessions.Accept("A", note, ReceiveMode.PeekLock)!;
        var message = Assert.Single(Receive(receiver));
        _entities.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(EntityFault.None, Sessions.Renew("A", out var until));
        Assert.Equal(_entities.Time.GetUtcNow() + TimeSpan.FromMinutes(1), until);
        _entities.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.False(note.Lost);

        _entities.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.True(note.Lost);
        Assert.Equal(EntityFault.SessionLockLost, _queue.Messages.Settle(message.LockToken, Settlement.Complete).Fault);
        Assert.Equal(EntityFault.SessionLockLost, Sessions.Renew("A", out _));
        Assert.Equal("A", Next().Granted?.Session?.Id);
        Assert.Empty(Receive(receiver));
    }

    [Fact]
    public void State_SetAndCleared_SurvivesItsOwnerAndEmptiness()
    {
        var receiver = Sessions.Accept("A", new SessionNote(), ReceiveMode.PeekLock)!;
        Assert.Equal(EntityFault.None, Sessions.SetState("A", new byte[] { 1, 2 }).Fault);
        receiver.Close();
        Assert.Equal(EntityFault.SessionLockLost, Sessions.TryGetState("A", out _));
        Assert.Equal(["A"], Sessions.List(DateTimeOffset.MinValue, 0, 10));

        var next = Sessions.Accept("A", new SessionNote(), ReceiveMode.PeekLock)!;
        Assert.Equal(EntityFault.None, Sessions.TryGetState("A", out var state));
        Assert.Equal([1, 2], state!.Value.ToArray());
        Sessions.SetState("A", null);
        next.Close();

        Assert.Empty(Sessions.List(DateTimeOffset.MinValue, 0, 10));
    }

    [Fact]
    public void Deferred_ByNumber_NeedsItsSession()
    {
        Send("A1");
        var receiver = Sessions.Accept("A", new SessionNote(), ReceiveMode.PeekLock)!;
        _queue.Messages.Settle(Receive(receiver)[0].LockToken, Settlement.Defer);
        var fetched = new List<MessageSnapshot>();

        Assert.Equal(EntityFault.SessionLockLost, _queue.Messages.Numbered.ReceiveDeferred([1], ReceiveMode.PeekLock, "B", fetched).Fault);
        Assert.Equal(EntityFault.None, _queue.Messages.Numbered.ReceiveDeferred([1], ReceiveMode.PeekLock, "A", fetched).Fault);
        Assert.Equal(EntityFault.None, _queue.Messages.Settle(Assert.Single(fetched).LockToken, Settlement.Complete).Fault);
        Assert.Equal(default, _queue.Messages.Count());
    }

    [Fact]
    public void AcceptNext_ManySessionsOfOneMessage_AllComeOnce()
    {
        const int Count = 20_000;
        for (var number = 0; number < Count; number++)
        {
            _queue.Send([Message("m") with { SessionId = $"s{number}" }], null);
        }

        var seen = new HashSet<string>();
        for (var number = 0; number < Count; number++)
        {
            var receiver = Next().Granted!;
            Assert.True(seen.Add(receiver.Session!.Id));
            _queue.Messages.Settle(Assert.Single(Receive(receiver)).LockToken, Settlement.Complete);
            receiver.Close();
        }

        Assert.Null(Next().Granted);
        Assert.Empty(Sessions.List(DateTimeOffset.MinValue, 0, 10));
    }

    private void Send(params string[] ids)
    {
        foreach (var id in ids)
        {
            Assert.Equal(EntityFault.None, _queue.Send([Message(id) with { SessionId = id[..1] }], null).Fault);
        }
    }

    private static List<MessageSnapshot> Receive(MessageReceiver receiver)
    {
        var messages = new List<MessageSnapshot>();
        receiver.Grant(10);
        receiver.Collect(messages);
        return messages;
    }

    private SessionNote Next()
    {
        var note = new SessionNote();
        note.Waiter = new SessionWaiter(note, ReceiveMode.PeekLock, receiver => note.Granted = receiver);
        Sessions.AcceptNext(note.Waiter);
        return note;
    }

    private sealed class SessionNote : IMessageConsumer
    {
        public SessionWaiter? Waiter { get; set; }

        public MessageReceiver? Granted { get; set; }

        public bool Lost { get; private set; }

        public void Wake()
        {
        }

        public void LoseSession() => Lost = true;
    }
}
