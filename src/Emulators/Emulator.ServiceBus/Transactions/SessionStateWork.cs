using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Transactions;

/// <summary>A session's state to set.</summary>
internal sealed class SessionStateWork(MessageStore store, string sessionId, ReadOnlyMemory<byte>? state) : ITransactionWork
{
    public EntityDomain Domain => store.Domain;

    public string Path => store.Path;

    public int Count => 1;

    // States are outside the quota.
    public long Bytes => 0;

    public int StateBytes => state?.Length ?? 0;

    public EntityFault CheckLocked() => store.Sessions!.TryGetHeldLocked(sessionId, out _) ? EntityFault.None : EntityFault.SessionLockLost;

    public void ApplyLocked() => store.Sessions!.SetStateLocked(sessionId, state);
}
