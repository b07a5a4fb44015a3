using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>A queue: its messages and its dead-letter queue.</summary>
internal sealed class QueueEntity : ISendTarget, IEntity, IDisposable
{
    private readonly EntityDomain _domain;
    private readonly DuplicateHistory? _history;

    // Guarded by the gate; read without it where a moment more or less does not matter.
    private volatile QueueSettings _settings;
    private bool _isDeleted;

    public QueueEntity(QueueSettings settings, EntityDomain domain, EntityOrigin? origin = null)
    {
        _settings = settings;
        _domain = domain;
        Origin = origin ?? EntityOrigin.At(domain.Time.GetUtcNow());
        _history = settings.RequiresDuplicateDetection ? new DuplicateHistory(domain, Path, settings.DuplicateDetectionHistoryTimeWindow) : null;
        TransferDeadLetters = new MessageStore(domain, OfTransferDeadLetters(settings), null);
        DeadLetters = new MessageStore(domain, OfDeadLetters(settings), null) { TransferDeadLetters = TransferDeadLetters };
        Messages = new MessageStore(domain, OfMessages(settings), DeadLetters) { TransferDeadLetters = TransferDeadLetters };
    }

    public string Path => _settings.Name;

    public EntityKind Kind => EntityKind.Queue;

    public QueueSettings Settings => _settings;

    public MessageStore Messages { get; }

    public MessageStore DeadLetters { get; }

    /// <summary>What could not be forwarded, from here or from the dead-letter queue.</summary>
    public MessageStore TransferDeadLetters { get; }

    public MessageStore Waiting => Messages;

    public int FilterCount => 0;

    public IEnumerable<MessageStore> Stores => [Messages, DeadLetters, TransferDeadLetters];

    public EntityStatus Status => _settings.Status;

    public EntityLife Life { get; } = new();

    public EntityOrigin Origin { get; }

    /// <summary>What duplicates are told by; null without duplicate detection.</summary>
    public DuplicateHistory? History => _history;

    public EntityDomain Domain => _domain;

    public long? MaxMessageKilobytes => _settings.Extras.MaxMessageSizeInKilobytes;

    public EntityOutcome Send(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers) => _domain.Send(this, messages, sequenceNumbers);

    public EntityFault CheckLocked(ReadOnlySpan<MessageContent> messages)
    {
        if (_isDeleted) return EntityFault.EntityNotFound;
        if (_settings.Status is EntityStatus.Disabled or EntityStatus.SendDisabled) return EntityFault.Disabled;
        if (!_settings.RequiresSession) return EntityFault.None;
        foreach (var message in messages)
        {
            if (message.SessionId is null) return EntityFault.SessionIdMissing;
        }

        return EntityFault.None;
    }

    public void SendLocked(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers, IReadOnlyList<long>? reserved = null)
    {
        var now = _domain.Time.GetUtcNow();
        Origin.AccessedAt = now;
        for (var index = 0; index < messages.Length; index++)
        {
            var (message, number) = (messages[index], reserved?[index]);
            var isNew = _history?.TryAdd(message.MessageId, now) ?? true;
            number = isNew ? Messages.AddLocked(message, now, reserved: number) : number ?? Messages.SkipNumberLocked();
            sequenceNumbers?.Add(number.Value);
        }

        Messages.PumpLocked();
    }

    public EntityFault ForwardLocked(MessageContent message, long enqueueSequenceNumber, string? deadLetterSource)
    {
        if (_isDeleted) return EntityFault.EntityNotFound;
        if (_settings.Status is EntityStatus.Disabled or EntityStatus.SendDisabled) return EntityFault.Disabled;
        if (_settings.RequiresSession && message.SessionId is null) return EntityFault.SessionIdMissing;
        if (!_domain.HasRoomFor([message])) return EntityFault.QuotaExceeded;
        var now = _domain.Time.GetUtcNow();
        if (_history?.TryAdd(message.MessageId, now) ?? true) Messages.AddLocked(message, now, enqueueSequenceNumber, 0, deadLetterSource);
        else Messages.SkipNumberLocked();
        Messages.PumpLocked();
        return EntityFault.None;
    }

    /// <summary>Takes other settings.</summary>
    /// <param name="settings">Valid, with the same name, sessions and duplicate detection.</param>
    public EntityOutcome Change(QueueSettings settings)
    {
        lock (_domain.Gate)
        {
            if (_isDeleted) return EntityOutcome.Failed(EntityFault.EntityNotFound);
            if (_domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            _settings = settings;
            Messages.ReconfigureLocked(OfMessages(settings));
            DeadLetters.ReconfigureLocked(OfDeadLetters(settings));
            TransferDeadLetters.ReconfigureLocked(OfTransferDeadLetters(settings));
            _domain.MaxBytes = EntityDomain.Megabytes(settings.MaxSizeInMegabytes);
            if (_history is not null) _history.Window = settings.DuplicateDetectionHistoryTimeWindow;
            Origin.UpdatedAt = _domain.Time.GetUtcNow();
            _domain.Define(this);
            return _domain.Commit();
        }
    }

    public EntityOutcome Close()
    {
        lock (_domain.Gate)
        {
            if (_domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            _isDeleted = true;
            return default;
        }
    }

    public EntityDefinition Define(bool isDeleted) =>
        new(Path, Kind, Origin.Declared, Origin.CreatedAt, Origin.UpdatedAt) { Queue = isDeleted ? null : _settings };

    public void Dispose()
    {
        Messages.Dispose();
        DeadLetters.Dispose();
        TransferDeadLetters.Dispose();
    }

    private static StoreSettings OfMessages(QueueSettings settings) => new()
    {
        Path = settings.Name,
        LockDuration = settings.LockDuration,
        MaxDeliveryCount = settings.MaxDeliveryCount,
        DefaultTimeToLive = settings.DefaultMessageTimeToLive,
        DeadLetterOnExpiration = settings.DeadLetteringOnMessageExpiration,
        RequiresSession = settings.RequiresSession,
        ForwardTo = EntityPath.Destination(settings.ForwardTo),
    };

    private static StoreSettings OfDeadLetters(QueueSettings settings) =>
        new() { Path = EntityPath.DeadLetters(settings.Name), LockDuration = settings.LockDuration, Expires = false, ForwardTo = EntityPath.Destination(settings.ForwardDeadLetteredMessagesTo) };

    private static StoreSettings OfTransferDeadLetters(QueueSettings settings) =>
        new() { Path = EntityPath.TransferDeadLetters(settings.Name), LockDuration = settings.LockDuration, Expires = false };
}
