namespace Emulator.ServiceBus.Topology;

/// <summary>Settings of one subscription.</summary>
public sealed record SubscriptionSettings
{
    /// <summary>1 to 50 characters, otherwise as <see cref="QueueSettings.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>How long a delivery stays locked: 5 s to 5 min, default 1 min.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Deliveries before a message is dead-lettered: 1 to 2000, default 10.</summary>
    public int MaxDeliveryCount { get; init; } = 10;

    /// <summary>Upper bound of every copy's time to live: 1 s or more, default unlimited.</summary>
    public TimeSpan DefaultMessageTimeToLive { get; init; } = TimeSpan.MaxValue;

    /// <summary>Whether an expired message goes to the dead-letter queue rather than away. Default false.</summary>
    public bool DeadLetteringOnMessageExpiration { get; init; }

    /// <summary>Whether a message that a rule cannot judge goes to the dead-letter queue rather than away. Default true.</summary>
    public bool DeadLetteringOnFilterEvaluationExceptions { get; init; } = true;

    /// <summary>Whether every message belongs to a session. Default false.</summary>
    public bool RequiresSession { get; init; }

    /// <summary>Queue or topic that messages move on to, or null. A path, or an address with one. Not together with sessions.</summary>
    public string? ForwardTo { get; init; }

    /// <summary>Queue or topic that dead-lettered messages move on to, or null. A path, or an address with one.</summary>
    public string? ForwardDeadLetteredMessagesTo { get; init; }

    /// <summary>Which directions are open. Default both.</summary>
    public EntityStatus Status { get; init; }

    /// <summary>What is kept for administration clients and not acted on.</summary>
    public EntityExtras Extras { get; init; } = EntityExtras.Default;

    /// <summary>Rules, OR-ed. Default one rule <c>$Default</c> that matches everything; an empty list matches nothing.</summary>
    public IReadOnlyList<RuleSettings> Rules { get; init; } = [RuleSettings.MatchAll];
}
