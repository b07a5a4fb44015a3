using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Transactions;

/// <summary>Scheduled messages to cancel.</summary>
internal sealed class CancelWork(MessageStore store, IReadOnlyList<long> sequenceNumbers) : ITransactionWork
{
    public EntityDomain Domain => store.Domain;

    public string Path => store.Path;

    public int Count => sequenceNumbers.Count;

    public long Bytes => 0;

    public EntityFault CheckLocked() => store.Numbered.CheckCancelLocked(sequenceNumbers);

    public void ApplyLocked() => store.Numbered.CancelLocked(sequenceNumbers);
}
