using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>A queue: its messages and its dead-letter queue.</summary>
internal sealed class QueueEntity : Entity, ISendTarget, IDisposable
{
    private readonly ReceivedStores _stores;
    private readonly DuplicateHistory? _history;

    // Guarded by the gate; read without it where a moment more or less does not matter.
    private volatile QueueSettings _settings;

    public QueueEntity(QueueSettings settings, EntityDomain domain, EntityOrigin? origin = null)
        : base(domain, origin)
    {
        _settings = settings;
        _history = settings.RequiresDuplicateDetection
            ? new DuplicateHistory(domain, Path, settings.DuplicateDetectionHistoryTimeWindow)
            : null;
        _stores = new ReceivedStores(domain, OfMessages(settings), settings.ForwardDeadLetteredMessagesTo);
    }

    public override string Path => _settings.Name;

    public override EntityKind Kind => EntityKind.Queue;

    public QueueSettings Settings => _settings;

    public MessageStore Messages => _stores.Messages;

    public MessageStore DeadLetters => _stores.DeadLetters;

    /// <summary>What could not be forwarded, from here or from the dead-letter queue.</summary>
    public MessageStore TransferDeadLetters => _stores.TransferDeadLetters;

    public MessageStore Waiting => Messages;

    public int FilterCount => 0;

    public override IEnumerable<MessageStore> Stores => _stores.All;

    public override EntityStatus Status => _settings.Status;

    /// <summary>What duplicates are told by; null without duplicate detection.</summary>
    public DuplicateHistory? History => _history;

    public long? MaxMessageKilobytes => _settings.Extras.MaxMessageSizeInKilobytes;

    public EntityOutcome Send(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers) =>
        Domain.Send(this, messages, sequenceNumbers);

    public EntityFault CheckLocked(ReadOnlySpan<MessageContent> messages)
    {
        if (RefusalLocked() is var refusal and not EntityFault.None) return refusal;
        if (!_settings.RequiresSession) return EntityFault.None;
        foreach (var message in messages)
        {
            if (message.SessionId is null) return EntityFault.SessionIdMissing;
        }

        return EntityFault.None;
    }

    public void SendLocked(ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers, IReadOnlyList<long>? reserved = null)
    {
        var now = Domain.Time.GetUtcNow();
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
        if (RefusalLocked() is var refusal and not EntityFault.None) return refusal;
        if (_settings.RequiresSession && message.SessionId is null) return EntityFault.SessionIdMissing;
        if (!Domain.HasRoomFor([message])) return EntityFault.QuotaExceeded;
        var now = Domain.Time.GetUtcNow();
        if (_history?.TryAdd(message.MessageId, now) ?? true) Messages.AddLocked(message, now, enqueueSequenceNumber, 0, deadLetterSource);
        else Messages.SkipNumberLocked();
        Messages.PumpLocked();
        return EntityFault.None;
    }

    /// <summary>Takes other settings.</summary>
    /// <param name="settings">Valid, with the same name, sessions and duplicate detection.</param>
    public EntityOutcome Change(QueueSettings settings) => TryChange(() =>
    {
        _settings = settings;
        _stores.ReconfigureLocked(OfMessages(settings), settings.ForwardDeadLetteredMessagesTo);
        Domain.MaxBytes = EntityDomain.Megabytes(settings.MaxSizeInMegabytes);
        if (_history is not null) _history.Window = settings.DuplicateDetectionHistoryTimeWindow;
        return true;
    })!.Value;

    public override EntityDefinition Define(bool isDeleted) =>
        new(Path, Kind, Origin.Declared, Origin.CreatedAt, Origin.UpdatedAt) { Queue = isDeleted ? null : _settings };

    public void Dispose() => _stores.Dispose();

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
}
