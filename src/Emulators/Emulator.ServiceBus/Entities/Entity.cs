using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>What queues, topics and subscriptions share: where they come from, who uses them, and how they change and end.</summary>
/// <param name="domain">The queue's or topic's own; a subscription has its topic's.</param>
/// <param name="origin">Null for one that is made now.</param>
internal abstract class Entity(EntityDomain domain, EntityOrigin? origin) : IEntity
{
    public abstract string Path { get; }

    public abstract EntityKind Kind { get; }

    public abstract EntityStatus Status { get; }

    public abstract IEnumerable<MessageStore> Stores { get; }

    public EntityDomain Domain { get; } = domain;

    public EntityLife Life { get; } = new();

    public EntityOrigin Origin { get; } = origin ?? EntityOrigin.At(domain.Time.GetUtcNow());

    /// <summary>Guarded by the gate.</summary>
    protected bool IsDeleted { get; private set; }

    public abstract EntityDefinition Define(bool isDeleted);

    public EntityOutcome Close()
    {
        lock (Domain.Gate)
        {
            if (Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            IsDeleted = true;
            return default;
        }
    }

    /// <summary>Why messages are not taken now, whatever they are. Called under the gate.</summary>
    protected EntityFault RefusalLocked()
    {
        if (IsDeleted) return EntityFault.EntityNotFound;
        return Status is EntityStatus.Disabled or EntityStatus.SendDisabled ? EntityFault.Disabled : EntityFault.None;
    }

    /// <summary>Takes other settings.</summary>
    /// <param name="apply">Called under the gate; false refuses, and null is returned.</param>
    protected EntityOutcome? TryChange(Func<bool> apply)
    {
        lock (Domain.Gate)
        {
            if (IsDeleted) return EntityOutcome.Failed(EntityFault.EntityNotFound);
            if (Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            if (!apply()) return null;
            Origin.UpdatedAt = Domain.Time.GetUtcNow();
            Domain.Define(this);
            return Domain.Commit();
        }
    }
}
