using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Rules;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>A topic: copies each message to the subscriptions whose rules match. It holds only what is scheduled.</summary>
internal sealed class TopicEntity : Entity, ISendTarget, IDisposable
{
    private readonly DuplicateHistory? _history;

    // Guarded by the gate; read without it where a moment more or less does not matter. The array is replaced, never changed.
    private volatile TopicSettings _settings;
    private SubscriptionEntity[] _subscriptions;

    /// <param name="settings">Its settings.</param>
    /// <param name="domain">Its own.</param>
    /// <param name="origin">Null for one that is made now.</param>
    /// <param name="subscriptionOrigin">Origin of a subscription by path; null for all made now.</param>
    public TopicEntity(
        TopicSettings settings,
        EntityDomain domain,
        EntityOrigin? origin = null,
        Func<string, EntityOrigin>? subscriptionOrigin = null)
        : base(domain, origin)
    {
        _settings = settings with { Subscriptions = [] };
        _history = settings.RequiresDuplicateDetection
            ? new DuplicateHistory(domain, Path, settings.DuplicateDetectionHistoryTimeWindow)
            : null;
        Waiting = new MessageStore(domain, new StoreSettings { Path = Path }, null) { Activated = Publish };
        _subscriptions = [.. settings.Subscriptions.Select(subscription => new SubscriptionEntity(
            Path, subscription, domain, subscriptionOrigin?.Invoke(EntityPath.Subscription(Path, subscription.Name))))];
        BoundLocked();
    }

    public override string Path => _settings.Name;

    public override EntityKind Kind => EntityKind.Topic;

    /// <summary>Without subscriptions.</summary>
    public TopicSettings Settings => _settings;

    public MessageStore Waiting { get; }

    public int FilterCount
    {
        get
        {
            var count = 0;
            foreach (var subscription in Volatile.Read(ref _subscriptions))
            {
                count += subscription.Settings.Rules.Count;
            }

            return count;
        }
    }

    public IReadOnlyList<SubscriptionEntity> Subscriptions => Volatile.Read(ref _subscriptions);

    public override IEnumerable<MessageStore> Stores => [Waiting];

    public override EntityStatus Status => _settings.Status;

    /// <summary>What duplicates are told by; null without duplicate detection.</summary>
    public DuplicateHistory? History => _history;

    public long? MaxMessageKilobytes => _settings.Extras.MaxMessageSizeInKilobytes;

    public EntityOutcome Send(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers) =>
        Domain.Send(this, messages, sequenceNumbers);

    public EntityFault CheckLocked(ReadOnlySpan<MessageContent> messages) => RefusalLocked();

    public void SendLocked(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers, IReadOnlyList<long>? reserved = null)
    {
        var now = Domain.Time.GetUtcNow();
        Origin.AccessedAt = now;
        for (var index = 0; index < messages.Length; index++)
        {
            var message = messages[index];
            var isNew = _history?.TryAdd(message.MessageId, now) ?? true;
            var isScheduled = isNew && message.ScheduledEnqueueTime > now;
            var number = isScheduled
                ? Waiting.AddLocked(message, now, reserved: reserved?[index])
                : reserved?[index] ?? Waiting.SkipNumberLocked();
            sequenceNumbers?.Add(number);
            if (isNew && !isScheduled) Publish(message, number);
        }
    }

    public EntityFault ForwardLocked(MessageContent message, long enqueueSequenceNumber, string? deadLetterSource)
    {
        if (RefusalLocked() is var refusal and not EntityFault.None) return refusal;
        if (!Domain.HasRoomFor([message])) return EntityFault.QuotaExceeded;
        Waiting.SkipNumberLocked();
        if (_history?.TryAdd(message.MessageId, Domain.Time.GetUtcNow()) ?? true) Publish(message, enqueueSequenceNumber);
        return EntityFault.None;
    }

    /// <summary>Takes other settings; subscriptions stay.</summary>
    /// <param name="settings">Valid, with the same name and duplicate detection.</param>
    public EntityOutcome Change(TopicSettings settings) => TryChange(() =>
    {
        _settings = settings with { Subscriptions = [] };
        BoundLocked();
        Domain.MaxBytes = EntityDomain.Megabytes(settings.MaxSizeInMegabytes);
        if (_history is not null) _history.Window = settings.DuplicateDetectionHistoryTimeWindow;
        return true;
    })!.Value;

    /// <summary>Adds a subscription, which gets what is published from now on.</summary>
    public EntityOutcome Add(SubscriptionEntity subscription)
    {
        lock (Domain.Gate)
        {
            if (IsDeleted) return EntityOutcome.Failed(EntityFault.EntityNotFound);
            if (Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            subscription.BoundLocked(_settings.DefaultMessageTimeToLive);
            _subscriptions = [.. _subscriptions, subscription];
            Origin.AccessedAt = Domain.Time.GetUtcNow();
            Domain.Begin(subscription);
            return Domain.Commit();
        }
    }

    /// <summary>Gives a subscription nothing more.</summary>
    public void Remove(SubscriptionEntity subscription)
    {
        lock (Domain.Gate)
        {
            _subscriptions = Array.FindAll(_subscriptions, other => other != subscription);
        }
    }

    public override EntityDefinition Define(bool isDeleted) =>
        new(Path, Kind, Origin.Declared, Origin.CreatedAt, Origin.UpdatedAt) { Topic = isDeleted ? null : _settings };

    public void Dispose()
    {
        Waiting.Dispose();
        foreach (var subscription in Subscriptions)
        {
            subscription.Dispose();
        }
    }

    private void BoundLocked()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.BoundLocked(_settings.DefaultMessageTimeToLive);
        }
    }

    /// <summary>Under the gate.</summary>
    private void Publish(MessageContent message, long enqueueSequenceNumber)
    {
        var now = Domain.Time.GetUtcNow();
        FilterFields? fields = null;
        foreach (var subscription in _subscriptions)
        {
            subscription.PublishLocked(message, now, enqueueSequenceNumber, ref fields);
        }
    }
}
