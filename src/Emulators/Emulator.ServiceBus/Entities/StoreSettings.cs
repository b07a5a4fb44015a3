namespace Emulator.ServiceBus.Entities;

/// <summary>How a store treats its messages.</summary>
internal sealed record StoreSettings
{
    /// <summary>Entity path with declared spelling, such as <c>orders/$DeadLetterQueue</c>.</summary>
    public required string Path { get; init; }

    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Failed deliveries after which a message is dead-lettered; ignored where there is no dead-letter store.</summary>
    public int MaxDeliveryCount { get; init; } = int.MaxValue;

    /// <summary>Upper bound of the time to live; <see cref="TimeSpan.MaxValue"/> for none.</summary>
    public TimeSpan DefaultTimeToLive { get; init; } = TimeSpan.MaxValue;

    /// <summary>Whether messages expire at all; they do not in a dead-letter queue.</summary>
    public bool Expires { get; init; } = true;

    public bool DeadLetterOnExpiration { get; init; }

    public bool RequiresSession { get; init; }

    /// <summary>Path of the queue or topic that messages move on to, or null.</summary>
    public string? ForwardTo { get; init; }
}
