using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Transactions;

/// <summary>Locked messages to settle. They stay locked until the transaction commits, and after it when it does not.</summary>
internal sealed class SettleWork(MessageStore store, IReadOnlyList<Guid> lockTokens, Settlement settlement) : ITransactionWork
{
    public EntityDomain Domain => store.Domain;

    public string Path => store.Path;

    public int Count => lockTokens.Count;

    public long Bytes => 0;

    public IReadOnlyList<Guid> LockTokens => lockTokens;

    public EntityFault CheckLocked() => store.CheckSettleLocked(lockTokens, settlement);

    public void ApplyLocked() => store.SettleLocked(lockTokens, settlement);
}
