using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.State;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Transactions;

namespace Emulator.ServiceBus.Links;

/// <summary>A client's sender on a queue or topic: every delivery is stored whole or refused whole, and then settled.</summary>
internal sealed class SenderLink(
    ISendTarget target, IMessageJournal journal, ConnectionTransactions transactions, BrokerCounters counters, Func<bool> isBusy)
    : IReceivingLinkHandler
{
    // Both belong to the connection's read loop, the only caller of OnDelivery.
    private readonly List<Range> _ranges = [];
    private readonly List<MessageContent> _messages = [];

    /// <summary>Whether the messages are sent by way of another entity, whose transactions they may take part in.</summary>
    public bool IsVia { get; init; }

    /// <summary>Its stand on the entity; set right after the link was accepted.</summary>
    public EntityGuest? Guest { get; set; }

    public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery)
    {
        var (id, settled) = (delivery.DeliveryId, delivery.Settled);
        if (Read(delivery) is { } fault)
        {
            if (!settled) link.Settle(id, new Rejected(fault));
            return;
        }

        counters.Sent(_messages.Count, target.FilterCount);
        if (delivery.State is TransactionalState state)
        {
            var answer = TransactionalAnswer.To(
                transactions, state.TransactionId, new SendWork(target, [.. _messages]), Accepted.Instance, IsVia ? null : link.Session);
            _messages.Clear();
            if (!settled) link.Settle(id, answer);
            return;
        }

        var outcome = target.Send(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_messages), null);
        _messages.Clear();
        if (settled) return;
        if (outcome.Fault == EntityFault.None && journal.IsStored(outcome.JournalPosition)) link.Settle(id, Accepted.Instance);
        else Stored.Then(journal, outcome, target.Path, error => link.Settle(id, error is null ? Accepted.Instance : new Rejected(error)));
    }

    public void OnDetached(ReceivingLink link, in LinkClosure closure) => Guest?.Leave();

    private AmqpError? Read(in IncomingDelivery delivery)
    {
        _messages.Clear();
        if (isBusy()) return ServiceBusCondition.Busy;
        if (delivery.MessageFormat != MessageBatch.MessageFormat) return Add(delivery.Payload);
        if (!MessageBatch.TryUnpack(delivery.Payload, _ranges))
        {
            return new AmqpError(AmqpCondition.DecodeError, "Expected a batch of data sections, got something else.");
        }

        foreach (var range in _ranges)
        {
            if (Add(delivery.Payload[range]) is { } fault) return fault;
        }

        return null;
    }

    private AmqpError? Add(ReadOnlySpan<byte> encoded)
    {
        if (!MessageCodec.TryRead(encoded, out var content, out var fault)) return fault;
        _messages.Add(content);
        return null;
    }
}
