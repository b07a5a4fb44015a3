namespace Emulator.ServiceBus.Entities;

/// <summary>What a client does on an entity.</summary>
internal enum EntityUse
{
    Send,
    Receive,

    /// <summary>Asks its <c>$management</c>: open whatever the entity's status.</summary>
    Manage,
}

/// <summary>
/// Who stands on an entity, so that they can be told when it is deleted
/// or closed in their direction. Members may be called from any thread.
/// </summary>
internal sealed class EntityLife
{
    // Guards the set and the flag. Nobody is told under it.
    private readonly Lock _gate = new();
    private readonly HashSet<EntityGuest> _guests = [];
    private volatile bool _isDeleted;

    public bool IsDeleted => _isDeleted;

    /// <summary>Links on the entity, those on its dead-letter queues and <c>$management</c> included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _guests.Count;
            }
        }
    }

    /// <summary>Adds somebody who is told at most once; at once when the entity is deleted already.</summary>
    /// <param name="use">What they do.</param>
    /// <param name="evict">Told why it ends; no lock is held.</param>
    public EntityGuest Enter(EntityUse use, Action<EntityFault> evict)
    {
        var guest = new EntityGuest(this, use, evict);
        bool isDeleted;
        lock (_gate)
        {
            isDeleted = _isDeleted;
            if (!isDeleted) _guests.Add(guest);
        }

        if (isDeleted) evict(EntityFault.EntityNotFound);
        return guest;
    }

    /// <summary>The entity is gone: everybody leaves, and whoever comes later does at once.</summary>
    public void Delete()
    {
        lock (_gate)
        {
            _isDeleted = true;
        }

        Evict(EntityFault.EntityNotFound, static _ => true);
    }

    /// <summary>The entity's status closes a direction: who uses it leaves.</summary>
    public void Disable(EntityUse use) => Evict(EntityFault.Disabled, guest => guest.Use == use);

    internal void Leave(EntityGuest guest)
    {
        lock (_gate)
        {
            _guests.Remove(guest);
        }
    }

    private void Evict(EntityFault fault, Predicate<EntityGuest> which)
    {
        List<EntityGuest> leaving;
        lock (_gate)
        {
            leaving = [.. _guests.Where(guest => which(guest))];
            _guests.ExceptWith(leaving);
        }

        leaving.ForEach(guest => guest.Evict(fault));
    }
}

/// <summary>One link on an entity.</summary>
internal sealed class EntityGuest(EntityLife life, EntityUse use, Action<EntityFault> evict)
{
    public EntityUse Use { get; } = use;

    /// <summary>The link is gone by itself. Later calls do nothing.</summary>
    public void Leave() => life.Leave(this);

    internal void Evict(EntityFault fault) => evict(fault);
}
