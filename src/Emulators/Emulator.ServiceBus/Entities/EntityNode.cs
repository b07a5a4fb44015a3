using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>What an address means.</summary>
/// <param name="Path">Declared spelling.</param>
/// <param name="SendTarget">Where sends go, or null when it takes none.</param>
/// <param name="Store">Where receives come from, or null when it gives none (a topic).</param>
/// <param name="Owner">The queue, topic or subscription it belongs to.</param>
/// <param name="Subscription">The subscription whose rules the node manages, or null.</param>
internal sealed record EntityNode(
    string Path, ISendTarget? SendTarget, MessageStore? Store, IEntity Owner, SubscriptionEntity? Subscription)
{
    /// <summary>False when the entity's status forbids receiving.</summary>
    public bool CanReceive => Owner.Status is EntityStatus.Active or EntityStatus.SendDisabled;

    /// <summary>What peek looks at.</summary>
    public MessageStore Peeked => Store ?? SendTarget!.Waiting;
}
