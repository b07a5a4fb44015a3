namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>A session as the peer knows it.</summary>
internal sealed class ModelSession(ushort channel)
{
    /// <summary>The peer's channel.</summary>
    public ushort Channel { get; } = channel;

    /// <summary>The machine has ended it: what the peer sends until its own end means nothing.</summary>
    public bool IsEnding { get; set; }

    public Dictionary<uint, ModelLink> Links { get; } = [];

    /// <summary>Deliveries of the peer that the machine has not settled, by delivery-id.</summary>
    public Dictionary<uint, ModelDelivery> Unsettled { get; } = [];

    public uint NextDeliveryId { get; set; }

    /// <summary>Links by the machine's handles, until it detaches them.</summary>
    public Dictionary<uint, ModelLink> Answered { get; } = [];

    /// <summary>Deliveries the machine sent and nobody settled.</summary>
    public HashSet<uint> Received { get; } = [];

    /// <summary>Deliveries whose state the peer told without settling: the machine answers each.</summary>
    public HashSet<uint> Asked { get; } = [];

    public uint MachineDeliveries { get; set; }

    /// <summary>Transfer frames the machine sent, and how many it was allowed to.</summary>
    public long MachineTransfers { get; set; }

    public long MostMachineTransfers { get; set; }
}

/// <summary>A link as the peer knows it.</summary>
internal sealed class ModelLink(uint handle, string name, bool isReceiver, string? address)
{
    public uint Handle { get; } = handle;

    public string Name { get; } = name;

    /// <summary>The peer receives.</summary>
    public bool IsReceiver { get; } = isReceiver;

    public string? Address { get; } = address;

    /// <summary>The machine answered the attach.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>The machine detached it: what the peer sends until its own detach means nothing.</summary>
    public bool IsDetaching { get; set; }

    /// <summary>Deliveries begun since the attach, by whoever sends.</summary>
    public long Deliveries { get; set; }

    /// <summary>Deliveries the receiving side has allowed since the attach.</summary>
    public long Allowed { get; set; }

    /// <summary>The sending side's delivery-count at the attach.</summary>
    public uint InitialCount { get; set; }

    /// <summary>The delivery whose last frame is still to come.</summary>
    public ModelDelivery? Partial { get; set; }

    /// <summary>The machine's delivery whose last frame is still to come.</summary>
    public bool IsMachineInside { get; set; }
}

/// <summary>A delivery of the peer's.</summary>
internal sealed class ModelDelivery(uint id, ModelLink link)
{
    public uint Id { get; } = id;

    public ModelLink Link { get; } = link;

    public List<byte> Payload { get; } = [];

    public bool IsSettled { get; set; }

    /// <summary>All of it was sent.</summary>
    public bool IsComplete { get; set; }

    /// <summary>The condition it must be rejected with; null when accepted.</summary>
    public string? Rejection { get; set; }
}
