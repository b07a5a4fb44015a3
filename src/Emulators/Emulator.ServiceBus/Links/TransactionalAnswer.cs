using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Transactions;

namespace Emulator.ServiceBus.Links;

/// <summary>Takes work into a transaction and says so.</summary>
internal static class TransactionalAnswer
{
    /// <returns>The outcome under the transaction's id, or a rejection that says why it was not taken.</returns>
    public static DeliveryState To(
        ConnectionTransactions transactions, ReadOnlyMemory<byte> id, ITransactionWork work, DeliveryState outcome, AmqpSession? from) =>
        Error(transactions, id, work, from) is { } error ? new Rejected(error) : new TransactionalState(id, outcome);

    /// <returns>Why it was not taken, or null.</returns>
    public static AmqpError? Error(
        ConnectionTransactions transactions, ReadOnlyMemory<byte> id, ITransactionWork work, AmqpSession? from = null)
    {
        var refused = transactions.Add(id.Span, work, out var fault, from);
        if (refused != TransactionFault.None) return ServiceBusCondition.Of(refused);
        return fault == EntityFault.None ? null : ServiceBusCondition.Of(fault, work.Path);
    }
}
