using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Transactions;

/// <summary>Messages to send: they get their numbers when the transaction commits.</summary>
internal sealed class SendWork(ISendTarget target, MessageContent[] messages) : ITransactionWork
{
    public EntityDomain Domain => target.Domain;

    public string Path => target.Path;

    public int Count => messages.Length;

    public long Bytes { get; } = messages.Sum(message => (long)message.Size);

    public EntityFault CheckLocked() => target.CheckLocked(messages);

    public void ApplyLocked() => target.SendLocked(messages, null);
}
