using Relay.Emulator.ServiceBus.Topology;

namespace Relay.Emulator.ServiceBus.Entities;

/// <summary>A queue: its messages and its dead-letter queue.</summary>
internal sealed class QueueEntity : ISendTarget, IDisposable
{
    private readonly QueueSettings _settings;
    private readonly EntityDomain _domain;
    private readonly DuplicateHistory? _history;

    public QueueEntity(QueueSettings settings, EntityDomain domain)
    {
        _settings = settings;
        _domain = domain;
        _history = settings.RequiresDuplicateDetection ? new DuplicateHistory(domain, Path, settings.DuplicateDetectionHistoryTimeWindow) : null;
        DeadLetters = new MessageStore(domain, new StoreSettings { Path = EntityPath.DeadLetters(Path), LockDuration = settings.LockDuration, Expires = false }, null);
        Messages = new MessageStore(
            domain,
            new StoreSettings
            {
                Path = Path,
                LockDuration = settings.LockDuration,
                MaxDeliveryCount = settings.MaxDeliveryCount,
                DefaultTimeToLive = settings.DefaultMessageTimeToLive,
                DeadLetterOnExpiration = settings.DeadLetteringOnMessageExpiration,
                RequiresSession = settings.RequiresSession,
            },
            DeadLetters);
    }

    public string Path => _settings.Name;

    public MessageStore Messages { get; }

    public MessageStore DeadLetters { get; }

    public MessageStore Waiting => Messages;

    public bool CanReceive => _settings.Status is EntityStatus.Active or EntityStatus.SendDisabled;

    /// <summary>What duplicates are told by; null without duplicate detection.</summary>
    public DuplicateHistory? History => _history;

    public EntityDomain Domain => _domain;

    public EntityOutcome Send(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers)
    {
        if (_settings.Status is EntityStatus.Disabled or EntityStatus.SendDisabled) return EntityOutcome.Failed(EntityFault.Disabled);
        foreach (var message in messages)
        {
            if (_settings.RequiresSession && message.SessionId is null) return EntityOutcome.Failed(EntityFault.SessionIdMissing);
        }

        lock (_domain.Gate)
        {
            if (_domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            if (!_domain.HasRoomFor(messages)) return EntityOutcome.Failed(EntityFault.QuotaExceeded);
            var now = _domain.Time.GetUtcNow();
            foreach (var message in messages)
            {
                var isNew = _history?.TryAdd(message.MessageId, now) ?? true;
                var number = isNew ? Messages.AddLocked(message, now) : Messages.SkipNumberLocked();
                sequenceNumbers?.Add(number);
            }

            Messages.PumpLocked();
            return _domain.Commit();
        }
    }

    public void Dispose()
    {
        Messages.Dispose();
        DeadLetters.Dispose();
    }
}
