using System.Runtime.InteropServices;
using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Transactions;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// A client's receiver on a queue, subscription or dead-letter queue. One pump per link runs on the thread pool whenever something changed:
/// it sends what the store assigned, and asks for more when all of it is out, so that the store never assigns beyond the link's credit.
/// </summary>
internal sealed class ReceiverLink : ISendingLinkHandler, IMessageConsumer, IThreadPoolWorkItem
{
    // Assigned at once: bounds what a link with vast credit and a slow reader keeps from the others.
    private const int MaxAssigned = 256;

    private readonly MessageStore _store;
    private readonly ReceiveMode _mode;
    private readonly BrokerCounters _counters;
    private readonly IMessageJournal _journal;
    private readonly ConnectionTransactions _transactions;

    // The pump's own: messages collected, and how many of them were sent.
    private readonly List<MessageSnapshot> _batch = [];
    private byte[] _scratch = new byte[1024];
    private int _sent;

    // Signals since the pump last looked; the one that makes it 1 starts the pump.
    private int _signals;
    private volatile SendingLink? _link;
    private volatile MessageReceiver? _receiver;
    private volatile EntityGuest? _guest;
    private volatile bool _sessionLost;

    // The journal lags and will say when it no longer does.
    private volatile bool _waitsForJournal;
    private volatile bool _closed;

    public ReceiverLink(
        MessageStore store, ReceiveMode mode, IMessageJournal journal, ConnectionTransactions transactions, BrokerCounters counters)
    {
        _counters = counters;
        _transactions = transactions;
        _store = store;
        _mode = mode;
        _journal = journal;
    }

    /// <summary>Called once, before <see cref="Start"/>.</summary>
    public void Bind(MessageReceiver receiver) => _receiver = receiver;

    /// <summary>Stands on the entity until the link is gone. Called once, when it was accepted.</summary>
    public void Enter(SendingLink link, EntityLife life, Func<EntityFault, AmqpError> describe)
    {
        _guest = life.Enter(EntityUse.Receive, fault => link.Detach(describe(fault)));

        // A session receiver is accepted off the read loop, which may have told of the link's end before.
        if (_closed) _guest.Leave();
    }

    /// <summary>Called once the link is accepted; it may have credit already.</summary>
    public void Start(SendingLink link)
    {
        _link = link;
        Wake();
    }

    public void Wake()
    {
        if (Interlocked.Increment(ref _signals) == 1) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void LoseSession()
    {
        _sessionLost = true;
        Wake();
    }

    public void OnSendable(SendingLink link) => Start(link);

    public void OnDrain(SendingLink link) => Start(link);

    public void OnDetached(SendingLink link, in LinkClosure closure)
    {
        _closed = true;
        _guest?.Leave();
        Start(link);
    }

    public void OnDisposition(SendingLink link, in OutgoingDisposition disposition)
    {
        if (disposition.Context is not MessageLock held) return;
        var (id, settled) = (disposition.DeliveryId, disposition.Settled);
        var transaction = disposition.State as TransactionalState;
        if (!SettlementReader.TryRead(transaction is null ? disposition.State : transaction.Outcome, out var settlement, out var reply))
        {
            if (disposition.State is not null && !settled) link.Settle(id, reply);
            return;
        }

        if (transaction is not null)
        {
            var answer = TransactionalAnswer.To(
                _transactions, transaction.TransactionId, new SettleWork(_store, [held.Token], settlement), reply, link.Session);
            if (!settled) link.Settle(id, answer);
            return;
        }

        _counters.Settled();
        var outcome = _store.Settle(held.Token, settlement);
        if (settled) return;
        if (outcome.Fault == EntityFault.None && _journal.IsStored(outcome.JournalPosition)) link.Settle(id, reply);
        else Stored.Then(_journal, outcome, _store.Path, error => link.Settle(id, error is null ? reply : new Rejected(error)));
    }

    void IThreadPoolWorkItem.Execute()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _signals);
            if (_link is { } link && _receiver is { } receiver) TryStep(link, receiver);
        }
        while (Interlocked.Add(ref _signals, -seen) != 0);
    }

    private void TryStep(SendingLink link, MessageReceiver receiver)
    {
        try
        {
            Step(link, receiver);
        }
        catch (JournalReadException)
        {
            link.Detach(new AmqpError(AmqpCondition.InternalError, $"Messages of '{_store.Path}' cannot be read from the journal."));
        }
    }

    private void Step(SendingLink link, MessageReceiver receiver)
    {
        if (_closed || _sessionLost)
        {
            GiveBack(receiver);
            receiver.Close();
            if (!_closed) link.Detach(ServiceBusCondition.Of(EntityFault.SessionLockLost, _store.Path));
            return;
        }

        Pump(link, receiver);
    }

    private void Pump(SendingLink link, MessageReceiver receiver)
    {
        do
        {
            if (!SendBatch(link, receiver) || !JournalHasRoom()) return;

            // Everything assigned is on its way, so the link's credit is what may be assigned next.
            var credit = (int)Math.Min(link.Credit, MaxAssigned);
            receiver.Grant(credit);
            receiver.Collect(_batch);
            if (_batch.Count == 0 && link.IsDraining && credit == (int)Math.Min(link.Credit, MaxAssigned))
            {
                // Nothing is there. Take the capacity back before saying so; what slipped in meanwhile is sent first.
                receiver.Grant(0);
                receiver.Collect(_batch);
                if (_batch.Count == 0) link.CompleteDrain();
            }
        }
        while (_batch.Count > 0);
    }

    private bool JournalHasRoom()
    {
        if (_waitsForJournal) return false;
        _waitsForJournal = true;
        if (!_journal.HasRoom(Resume)) return false;
        _waitsForJournal = false;
        return true;
    }

    private void Resume()
    {
        _waitsForJournal = false;
        Wake();
    }

    /// <returns>False when the link takes no more for now; a signal comes when it does.</returns>
    private bool SendBatch(SendingLink link, MessageReceiver receiver)
    {
        while (_sent < _batch.Count)
        {
            var outcome = Send(link, _batch[_sent]);
            if (outcome == SendOutcome.Sent)
            {
                _sent++;
                continue;
            }

            if (outcome == SendOutcome.Congested)
            {
                Confirm(receiver);
                return false;
            }

            if (outcome == SendOutcome.TooLarge)
            {
                link.Detach(
                    new AmqpError(AmqpCondition.MessageSizeExceeded, "The next message is larger than the receiver's max-message-size."));
            }

            GiveBack(receiver);
            return outcome == SendOutcome.NoCredit && link.Credit > 0;
        }

        Confirm(receiver);
        return true;
    }

    private SendOutcome Send(SendingLink link, MessageSnapshot message)
    {
        var isPeekLock = _mode == ReceiveMode.PeekLock;

        // Waited here past its lock: it is somebody else's by now.
        if (isPeekLock && message.LockedUntil <= _store.Domain.Time.GetUtcNow()) return SendOutcome.Sent;
        var needed = DeliveryEncoder.MaxLength(message);
        if (_scratch.Length < needed) _scratch = new byte[needed];
        var length = DeliveryEncoder.Write(message, isPeekLock, _scratch);
        Span<byte> tag = stackalloc byte[16];

        // The tag is the token in .NET's byte order, unlike the uuid that management uses.
        message.LockToken.TryWriteBytes(tag);
        var delivery = new OutgoingDelivery { Tag = tag, Settled = !isPeekLock, Context = message.Lock };
        return link.TrySend(delivery, _scratch.AsSpan(0, length), message.Content.Body.Span, [], out _);
    }

    private void Confirm(MessageReceiver receiver)
    {
        if (_sent == 0) return;
        _counters.Delivered(_sent);
        receiver.ConfirmSent(CollectionsMarshal.AsSpan(_batch)[.._sent]);
        _batch.RemoveRange(0, _sent);
        _sent = 0;
    }

    private void GiveBack(MessageReceiver receiver)
    {
        Confirm(receiver);
        receiver.Grant(0);
        receiver.Collect(_batch);
        receiver.Return(CollectionsMarshal.AsSpan(_batch));
        _batch.Clear();
    }
}
