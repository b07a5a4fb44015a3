using Relay.Emulator.ServiceBus.Topology;

namespace Relay.Emulator.ServiceBus.Entities;

/// <summary>A topic: copies each message to the subscriptions whose rules match. It holds only what is scheduled.</summary>
internal sealed class TopicEntity : ISendTarget, IDisposable
{
    private readonly TopicSettings _settings;
    private readonly EntityDomain _domain;
    private readonly DuplicateHistory? _history;

    public TopicEntity(TopicSettings settings, EntityDomain domain)
    {
        _settings = settings;
        _domain = domain;
        _history = settings.RequiresDuplicateDetection ? new DuplicateHistory(domain, Path, settings.DuplicateDetectionHistoryTimeWindow) : null;
        Waiting = new MessageStore(domain, new StoreSettings { Path = Path }, null) { Activated = Publish };
        Subscriptions = [.. settings.Subscriptions.Select(subscription => new SubscriptionEntity(Path, subscription, domain))];
    }

    public string Path => _settings.Name;

    public MessageStore Waiting { get; }

    public IReadOnlyList<SubscriptionEntity> Subscriptions { get; }

    /// <summary>What duplicates are told by; null without duplicate detection.</summary>
    public DuplicateHistory? History => _history;

    public EntityDomain Domain => _domain;

    public EntityOutcome Send(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers)
    {
        if (_settings.Status is EntityStatus.Disabled or EntityStatus.SendDisabled) return EntityOutcome.Failed(EntityFault.Disabled);
        lock (_domain.Gate)
        {
            if (_domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            if (!_domain.HasRoomFor(messages)) return EntityOutcome.Failed(EntityFault.QuotaExceeded);
            var now = _domain.Time.GetUtcNow();
            foreach (var message in messages)
            {
                var isNew = _history?.TryAdd(message.MessageId, now) ?? true;
                var isScheduled = isNew && message.ScheduledEnqueueTime > now;
                var bounded = Bound(message);
                var number = isScheduled ? Waiting.AddLocked(bounded, now) : Waiting.SkipNumberLocked();
                sequenceNumbers?.Add(number);
                if (isNew && !isScheduled) Publish(bounded, number);
            }

            return _domain.Commit();
        }
    }

    public void Dispose()
    {
        Waiting.Dispose();
        foreach (var subscription in Subscriptions)
        {
            subscription.Dispose();
        }
    }

    private MessageContent Bound(MessageContent message) =>
        message.TimeToLive <= _settings.DefaultMessageTimeToLive || _settings.DefaultMessageTimeToLive == TimeSpan.MaxValue
            ? message
            : message with { TimeToLive = _settings.DefaultMessageTimeToLive };

    /// <summary>Under the gate.</summary>
    private void Publish(MessageContent message, long enqueueSequenceNumber)
    {
        var now = _domain.Time.GetUtcNow();
        FilterFields? fields = null;
        foreach (var subscription in Subscriptions)
        {
            if (!subscription.Matches(message, _domain.Codec, ref fields)) continue;
            subscription.AddLocked(message, now, enqueueSequenceNumber);
        }
    }
}
