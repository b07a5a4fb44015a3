using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.State;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Transactions;

namespace Emulator.ServiceBus.Links;

/// <summary>A client's link to the transaction coordinator: declares and discharges. AMQP 1.0 part 4, 4.2.</summary>
internal sealed class ControllerLink(ConnectionTransactions transactions, IMessageJournal journal) : IReceivingLinkHandler
{
    public void OnDelivery(ReceivingLink link, in IncomingDelivery delivery)
    {
        var (id, settled) = (delivery.DeliveryId, delivery.Settled);
        if (MessageSections.TryIndex(delivery.Payload, out var sections))
        {
            var body = delivery.Payload[sections.Body];
            if (Declare.TryRead(body, out _))
            {
                DeliveryState answer = transactions.Declare(this, link.Session) is { } transaction
                    ? new Declared(transaction.ToByteArray())
                    : new Rejected(new AmqpError(AmqpCondition.ResourceLimitExceeded, $"Expected at most {ConnectionTransactions.MaxOpen} open transactions on a connection, got another."));
                if (!settled) link.Settle(id, answer);
                return;
            }

            if (Discharge.TryRead(body, out var discharge))
            {
                Finish(link, id, settled, discharge!);
                return;
            }
        }

        if (!settled) link.Settle(id, new Rejected(new AmqpError(AmqpCondition.DecodeError, "Expected a declare or discharge in an amqp-value, got something else.")));
    }

    public void OnDetached(ReceivingLink link, in LinkClosure closure) => transactions.RollBack(this);

    private void Finish(ReceivingLink link, uint id, bool settled, Discharge discharge)
    {
        var fault = transactions.Discharge(discharge.TransactionId.Span, discharge.Fail, out var outcome, out var path);
        if (settled) return;
        switch (fault)
        {
            case TransactionFault.None:
                // Not told as rolled back when the disk failed: whether it will be stored is open.
                Stored.Then(journal, outcome, path, error => link.Settle(id, error is null ? Accepted.Instance : new Rejected(error)));
                break;
            case TransactionFault.RolledBack:
                link.Settle(id, new Rejected(RolledBack(ServiceBusCondition.Of(outcome.Fault, path))));
                break;
            case TransactionFault.UnknownId or TransactionFault.LimitExceeded or TransactionFault.SpansEntities:
                link.Settle(id, new Rejected(ServiceBusCondition.Of(fault)));
                break;
        }
    }

    private static AmqpError RolledBack(AmqpError cause) =>
        new(AmqpCondition.TransactionRollback, $"The transaction was rolled back: {cause.Description} ({cause.Condition.Value})");
}
