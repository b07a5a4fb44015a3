using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Tests.Entities;
using Emulator.ServiceBus.Topology;
using Emulator.ServiceBus.Transactions;
using static Emulator.ServiceBus.Tests.Entities.EntityFixture;

namespace Emulator.ServiceBus.Tests.Transactions;

public sealed class ConnectionTransactionsTests : IDisposable
{
    private readonly EntityFixture _fixture = new();
    private readonly NamespaceEntities _entities;
    private readonly ConnectionTransactions _transactions;
    private readonly object _controller = new();

    public ConnectionTransactionsTests()
    {
        _entities = _fixture.Namespace(new NamespaceTopology
        {
            Queues =
            [
                new QueueSettings { Name = "in", LockDuration = TimeSpan.FromMinutes(5) },
                new QueueSettings { Name = "out", RequiresDuplicateDetection = true },
                new QueueSettings { Name = "small", MaxSizeInMegabytes = 1 },
                new QueueSettings { Name = "sessions", RequiresSession = true },
            ],
            Topics = [new TopicSettings { Name = "news", Subscriptions = [new SubscriptionSettings { Name = "s" }] }],
        });
        _transactions = new ConnectionTransactions(_fixture.Time);
    }

    [Fact]
    public void Discharge_SendsAndSettlementsInSeveralEntities_AreOneAppend()
    {
        var message = ReceiveOne("a");
        var id = Declare();
        Add(id, Settle("in", message, Settlement.Complete));
        Add(id, Send("out", "b"));
        Add(id, Send("news", "c"));
        Assert.Empty(Ids("out"));
        Assert.Equal(["a"], Ids("in"));
        var appends = _fixture.Journal.Appends.Count;

        Assert.Equal(TransactionFault.None, _transactions.Discharge(id, fail: false, out var outcome, out _));

        Assert.Equal(EntityFault.None, outcome.Fault);
        Assert.Empty(Ids("in"));
        Assert.Equal(["b"], Ids("out"));
        Assert.Equal(["c"], Ids("news/Subscriptions/s"));
        Assert.Equal(appends + 1, _fixture.Journal.Appends.Count);
        Assert.Equal(["in", "news", "news/Subscriptions/s", "out"], _fixture.Journal.Appends[^1].Select(record => record.Store).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Numbers reserved before others were given out: the messages stand in their order, and due ones count as activated.
    /// </summary>
    [Fact]
    public void Discharge_Schedules_KeepTheReservedNumbers()
    {
        var target = Target("in");
        var numbers = new List<long>();
        Assert.Equal(EntityFault.None, target.Waiting.ReserveNumbers(300, numbers).Fault);
        target.Send([Message("between")], null);
        var id = Declare();
        var (later, now) = (Message("later") with { ScheduledEnqueueTime = _fixture.Time.GetUtcNow().AddMinutes(1) }, Message("now") with { ScheduledEnqueueTime = _fixture.Time.GetUtcNow() });
        Add(id, new ScheduleWork(target, [later, now], [numbers[0], numbers[1]]));
        Assert.Equal(["between"], Ids("in"));

        Assert.Equal(TransactionFault.None, _transactions.Discharge(id, fail: false, out _, out _));

        Assert.Equal(["later", "between", "now"], Ids("in"));
        Assert.Equal(EntityFault.None, target.Waiting.Numbered.Cancel([numbers[0]]).Fault);
        Assert.Equal(EntityFault.MessageNotFound, target.Waiting.Numbered.Cancel([numbers[2]]).Fault);
        Assert.Equal(["between", "now"], Ids("in"));
    }

    [Fact]
    public void Add_OnAnotherEntityFromAnotherSession_SpansEntities()
    {
        object shared = new(), other = new();
        var id = _transactions.Declare(_controller, shared)!.Value.ToByteArray();
        Assert.Equal(TransactionFault.None, _transactions.Add(id, Send("news", "a"), out _, other));
        Assert.Equal(TransactionFault.None, _transactions.Add(id, Send("NEWS", "b"), out _, other));
        Assert.Equal(TransactionFault.SpansEntities, _transactions.Add(id, Send("out", "c"), out _, other));
        Assert.Equal(TransactionFault.None, _transactions.Add(id, Send("out", "d"), out _, shared));

        Assert.Equal(TransactionFault.None, _transactions.Discharge(id, fail: false, out _, out _));
        Assert.Equal((2, 1), (Ids("news/Subscriptions/s").Length, Ids("out").Length));
    }

    [Fact]
    public void Discharge_Fail_ChangesNothingAndTheMessageCanBeSettledAgain()
    {
        var message = ReceiveOne("a");
        var id = Declare();
        Add(id, Settle("in", message, Settlement.Complete));
        Add(id, Send("out", "b"));
        var appends = _fixture.Journal.Appends.Count;

        Assert.Equal(TransactionFault.None, _transactions.Discharge(id, fail: true, out _, out _));

        Assert.Equal(appends, _fixture.Journal.Appends.Count);
        Assert.Empty(Ids("out"));
        Assert.Equal(EntityFault.None, Store("in").Settle(message.LockToken, Settlement.Complete).Fault);

        // What was rolled back is not in the duplicate history.
        Assert.Equal(EntityFault.None, Target("out").Send([Message("b")], null).Fault);
        Assert.Equal(["b"], Ids("out"));
    }

    [Fact]
    public void Discharge_LockLostMeanwhile_RollsBackEverything()
    {
        var message = ReceiveOne("a");
        var id = Declare();
        Add(id, Send("out", "b"));
        Add(id, Settle("in", message, Settlement.Complete));
        Store("in").Settle(message.LockToken, Settlement.Abandon);

        Assert.Equal(TransactionFault.RolledBack, _transactions.Discharge(id, fail: false, out var outcome, out var path));

        Assert.Equal((EntityFault.LockLost, "in"), (outcome.Fault, path));
        Assert.Empty(Ids("out"));
        Assert.Equal(["a"], Ids("in"));
    }

    [Fact]
    public void Discharge_RoomForEachButNotForBoth_RollsBackEverything()
    {
        var id = Declare();
        Add(id, new SendWork(Target("small"), [Message("a", 600_000)]));
        Add(id, new SendWork(Target("small"), [Message("b", 600_000)]));

        Assert.Equal(TransactionFault.RolledBack, _transactions.Discharge(id, fail: false, out var outcome, out _));

        Assert.Equal(EntityFault.QuotaExceeded, outcome.Fault);
        Assert.Empty(Ids("small"));
    }

    [Fact]
    public void Add_WhatTheEntityWouldRefuse_IsRefusedAndTheRestStillCommits()
    {
        var message = ReceiveOne("a");
        var id = Declare();
        Assert.Equal(TransactionFault.None, _transactions.Add(id, Send("sessions", "x"), out var fault));
        Assert.Equal(EntityFault.SessionIdMissing, fault);
        Add(id, Settle("in", message, Settlement.Complete));
        Assert.Equal(TransactionFault.None, _transactions.Add(id, Settle("in", message, Settlement.Complete), out fault));
        Assert.Equal(EntityFault.LockLost, fault);
        Assert.Equal(
            TransactionFault.None, _transactions.Add(id, new SettleWork(Store("in"), [Guid.NewGuid()], Settlement.Complete), out fault));
        Assert.Equal(EntityFault.LockLost, fault);

        Assert.Equal(TransactionFault.None, _transactions.Discharge(id, fail: false, out _, out _));
        Assert.Empty(Ids("in"));
    }

    [Fact]
    public void Add_AHundredMessages_AreTheMost()
    {
        var id = Declare();
        Add(id, new SendWork(Target("in"), [.. Enumerable.Range(0, 99).Select(number => Message($"{number}"))]));
        Assert.Equal(TransactionFault.LimitExceeded, _transactions.Add(id, new SendWork(Target("in"), [Message("x"), Message("y")]), out _));
        Add(id, Send("in", "last"));
        Assert.Equal(TransactionFault.LimitExceeded, _transactions.Add(id, Send("in", "more"), out _));

        Assert.Equal(TransactionFault.None, _transactions.Discharge(id, fail: false, out _, out _));
        Assert.Equal(100, Ids("in").Length);
    }

    [Fact]
    public void Add_MoreBytesThanAConnectionMayHold_IsRefused()
    {
        var first = Declare();
        for (var number = 0; number < 63; number++)
        {
            Add(first, new SendWork(Target("in"), [Message($"{number}", 1024 * 1024)]));
        }

        var second = Declare();
        Add(second, new SendWork(Target("in"), [Message("a", 1000 * 1000)]));
        Assert.Equal(TransactionFault.LimitExceeded, _transactions.Add(second, new SendWork(Target("in"), [Message("b", 1000 * 1000)]), out _));
        _transactions.Discharge(first, fail: true, out _, out _);
        Add(second, new SendWork(Target("in"), [Message("b", 1000 * 1000)]));
    }

    [Fact]
    public void Declare_ManyWithoutEnd_AreBounded()
    {
        for (var count = 0; count < ConnectionTransactions.MaxOpen; count++)
        {
            Assert.NotNull(_transactions.Declare(_controller));
        }

        Assert.Null(_transactions.Declare(_controller));
        _transactions.RollBack(_controller);
        Assert.NotNull(_transactions.Declare(_controller));
    }

    [Fact]
    public void Discharge_TwoMinutesAfterTheFirstOperation_IsUnknown()
    {
        var idle = Declare();
        _fixture.Time.Advance(TimeSpan.FromMinutes(5));
        Add(idle, Send("in", "a"));
        _fixture.Time.Advance(Transaction.MaxDuration - TimeSpan.FromTicks(1));
        Add(idle, Send("in", "b"));
        _fixture.Time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(TransactionFault.UnknownId, _transactions.Add(idle, Send("in", "c"), out _));
        Assert.Equal(TransactionFault.UnknownId, _transactions.Discharge(idle, fail: false, out _, out _));
        Assert.Empty(Ids("in"));
    }

    [Fact]
    public void RollBack_OfAController_EndsItsTransactionsOnly()
    {
        var mine = Declare();
        var other = _transactions.Declare(new object())!.Value.ToByteArray();
        Add(mine, Send("in", "a"));
        Add(other, Send("in", "b"));

        _transactions.RollBack(_controller);

        Assert.Equal(TransactionFault.UnknownId, _transactions.Discharge(mine, fail: false, out _, out _));
        Assert.Equal(TransactionFault.None, _transactions.Discharge(other, fail: false, out _, out _));
        Assert.Equal(["b"], Ids("in"));
        Assert.Equal(TransactionFault.UnknownId, _transactions.Add([1, 2, 3], Send("in", "c"), out _));
    }

    [Fact]
    public void Discharge_SessionStateAndCancel_AreDoneTogether()
    {
        var target = Target("in");
        var numbers = new List<long>();
        target.Send([Message("later") with { ScheduledEnqueueTime = _fixture.Time.GetUtcNow() + TimeSpan.FromHours(1) }], numbers);
        var sessions = Store("sessions").Sessions!;
        Assert.NotNull(sessions.Accept("s", new ListConsumer(Store("in")), ReceiveMode.PeekLock));
        var id = Declare();
        Add(id, new SessionStateWork(Store("sessions"), "s", new byte[] { 1 }));
        Add(id, new CancelWork(Store("in"), numbers));
        Assert.Equal(TransactionFault.None, _transactions.Add(id, new SessionStateWork(Store("sessions"), "other", null), out var fault));
        Assert.Equal(EntityFault.SessionLockLost, fault);

        Assert.Equal(TransactionFault.None, _transactions.Discharge(id, fail: false, out _, out _));

        Assert.Equal(EntityFault.None, sessions.TryGetState("s", out var state));
        Assert.Equal([1], state!.Value.ToArray());
        Assert.Empty(Ids("in"));
    }

    public void Dispose() => _entities.Dispose();

    private byte[] Declare() => _transactions.Declare(_controller)!.Value.ToByteArray();

    private void Add(byte[] id, ITransactionWork work)
    {
        Assert.Equal(TransactionFault.None, _transactions.Add(id, work, out var fault));
        Assert.Equal(EntityFault.None, fault);
    }

    private MessageSnapshot ReceiveOne(string id)
    {
        Target("in").Send([Message(id)], null);
        return new ListConsumer(Store("in")).One();
    }

    private SendWork Send(string entity, string id) => new(Target(entity), [Message(id)]);

    private SettleWork Settle(string entity, MessageSnapshot message, Settlement settlement) => new(
        Store(entity), [message.LockToken], settlement);

    private string[] Ids(string path) =>
        [.. Store(path).Numbered.Peek(0, int.MaxValue, long.MaxValue, null).Select(message => message.Content.MessageId)];

    private ISendTarget Target(string path) => _entities.TryFind(path, out var node) ? node.SendTarget! : throw new ArgumentException(path);

    private MessageStore Store(string path) => _entities.TryFind(path, out var node) ? node.Store! : throw new ArgumentException(path);
}
