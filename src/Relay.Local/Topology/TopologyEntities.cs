namespace Relay.Local.Topology;

/// <summary>An inbound queue.</summary>
/// <param name="Lane"><c>normal</c> or <c>urgent</c>.</param>
/// <param name="LockDuration">5 s to 5 min.</param>
/// <param name="MaxDeliveryCount">1 to 2000.</param>
public sealed record QueueEntity(
    string Name,
    string Lane,
    TimeSpan LockDuration,
    int MaxDeliveryCount,
    TimeSpan DefaultMessageTimeToLive,
    bool DeadLetteringOnMessageExpiration,
    bool RequiresDuplicateDetection,
    bool RequiresSession);

/// <summary>A subscription; it gets every message of its topic.</summary>
/// <param name="LockDuration">5 s to 5 min.</param>
/// <param name="MaxDeliveryCount">1 to 2000.</param>
public sealed record SubscriptionEntity(
    string Name,
    TimeSpan LockDuration,
    int MaxDeliveryCount,
    TimeSpan DefaultMessageTimeToLive,
    bool DeadLetteringOnMessageExpiration,
    bool RequiresSession);

/// <summary>A topic.</summary>
/// <param name="DuplicateDetectionHistoryTimeWindow">20 s to 7 days; null exactly when duplicate detection is off.</param>
/// <param name="Subscriptions">At least one: a topic without any swallows what is sent to it.</param>
public sealed record TopicEntity(
    string Name,
    TimeSpan DefaultMessageTimeToLive,
    bool RequiresDuplicateDetection,
    IReadOnlyList<SubscriptionEntity> Subscriptions,
    TimeSpan? DuplicateDetectionHistoryTimeWindow = null);

/// <summary>The topic of any delegation; its name is the prefix and the delegation's label.</summary>
public sealed record DelegationTopicTemplate(
    string Prefix,
    TimeSpan DefaultMessageTimeToLive,
    bool RequiresDuplicateDetection,
    IReadOnlyList<SubscriptionEntity> Subscriptions,
    TimeSpan? DuplicateDetectionHistoryTimeWindow = null)
{
    /// <summary>The topic of one delegation.</summary>
    public TopicEntity For(string delegation) =>
        new(Prefix + delegation, DefaultMessageTimeToLive, RequiresDuplicateDetection, Subscriptions, DuplicateDetectionHistoryTimeWindow);
}

/// <summary>A mediator of the local stack's negotiations.</summary>
/// <param name="Weight">At least 1.</param>
public sealed record MediatorEntry(string Name, int Weight);

/// <summary>A blob container.</summary>
/// <param name="Relay">What the relay may do there: <c>read</c> or <c>write</c>.</param>
/// <param name="Immutable">Versions are kept from change and deletion where the deployment asks for it.</param>
public sealed record ContainerEntity(string Name, string Relay, bool Immutable);

/// <summary>A Key Vault key. Durations are ISO 8601, kept as text because months have no fixed length.</summary>
/// <param name="Curve"><c>P-256</c>, <c>P-384</c> or <c>P-521</c>.</param>
/// <param name="ExpireAfter">From creation; a version past it stops verifying.</param>
public sealed record KeyEntity(
    string Name,
    string Curve,
    IReadOnlyList<string> Operations,
    string RotateAfter,
    string ExpireAfter,
    string NotifyBefore);

/// <summary>The key of any mediator; its name is the prefix and the mediator's.</summary>
public sealed record MediatorKeyTemplate(
    string Prefix,
    string Curve,
    IReadOnlyList<string> Operations,
    string RotateAfter,
    string ExpireAfter,
    string NotifyBefore)
{
    /// <summary>The key of one mediator.</summary>
    public KeyEntity For(MediatorEntry mediator)
    {
        ArgumentNullException.ThrowIfNull(mediator);
        return new(Prefix + mediator.Name, Curve, Operations, RotateAfter, ExpireAfter, NotifyBefore);
    }
}
