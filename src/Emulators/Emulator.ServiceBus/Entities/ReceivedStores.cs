using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>What a queue and a subscription hold: messages, dead letters, and what could not be forwarded from either.</summary>
internal sealed class ReceivedStores : IDisposable
{
    /// <param name="domain">The entity's.</param>
    /// <param name="settings">Of the messages, with the entity's path.</param>
    /// <param name="deadLettersTo">What dead letters move on to, as the settings have it; null or empty when they stay.</param>
    public ReceivedStores(EntityDomain domain, StoreSettings settings, string? deadLettersTo)
    {
        TransferDeadLetters = new MessageStore(domain, OfTransferDeadLetters(settings), null);
        DeadLetters = new MessageStore(domain, OfDeadLetters(settings, deadLettersTo), null) { TransferDeadLetters = TransferDeadLetters };
        Messages = new MessageStore(domain, settings, DeadLetters) { TransferDeadLetters = TransferDeadLetters };
    }

    public MessageStore Messages { get; }

    public MessageStore DeadLetters { get; }

    public MessageStore TransferDeadLetters { get; }

    public IEnumerable<MessageStore> All => [Messages, DeadLetters, TransferDeadLetters];

    /// <summary>Takes other settings of the same path and the same choice of sessions. Called under the gate.</summary>
    public void ReconfigureLocked(StoreSettings settings, string? deadLettersTo)
    {
        Messages.ReconfigureLocked(settings);
        DeadLetters.ReconfigureLocked(OfDeadLetters(settings, deadLettersTo));
        TransferDeadLetters.ReconfigureLocked(OfTransferDeadLetters(settings));
    }

    public void Dispose()
    {
        foreach (var store in All)
        {
            store.Dispose();
        }
    }

    private static StoreSettings OfDeadLetters(StoreSettings settings, string? forwardTo) => new()
    {
        Path = EntityPath.DeadLetters(settings.Path),
        LockDuration = settings.LockDuration,
        Expires = false,
        ForwardTo = EntityPath.Destination(forwardTo),
    };

    private static StoreSettings OfTransferDeadLetters(StoreSettings settings) =>
        new() { Path = EntityPath.TransferDeadLetters(settings.Path), LockDuration = settings.LockDuration, Expires = false };
}
