using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Transactions;

/// <summary>
/// Messages to schedule: their numbers were given out before, because the client is told them before the transaction commits.
/// </summary>
internal sealed class ScheduleWork(ISendTarget target, MessageContent[] messages, IReadOnlyList<long> sequenceNumbers) : ITransactionWork
{
    public EntityDomain Domain => target.Domain;

    public string Path => target.Path;

    public int Count => messages.Length;

    public long Bytes { get; } = messages.Sum(message => (long)message.Size);

    public EntityFault CheckLocked() => target.CheckLocked(messages);

    public void ApplyLocked() => target.SendLocked(messages, null, sequenceNumbers);
}
