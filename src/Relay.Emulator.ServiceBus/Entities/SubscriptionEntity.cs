using Relay.Emulator.ServiceBus.Diagnostics;
using Relay.Emulator.ServiceBus.Topology;

namespace Relay.Emulator.ServiceBus.Entities;

/// <summary>A subscription: rules, messages, dead-letter queue.</summary>
internal sealed class SubscriptionEntity : IEntity, IDisposable
{
    private readonly EntityDomain _domain;

    // Guarded by the gate; read without it where a moment more or less does not matter.
    private volatile SubscriptionSettings _settings;
    private bool _isDeleted;

    public SubscriptionEntity(string topic, SubscriptionSettings settings, EntityDomain domain, EntityOrigin? origin = null)
    {
        _settings = settings;
        _domain = domain;
        Origin = origin ?? EntityOrigin.At(domain.Time.GetUtcNow());
        Path = EntityPath.Subscription(topic, settings.Name);
        DeadLetters = new MessageStore(domain, OfDeadLetters(settings), null);
        Messages = new MessageStore(domain, OfMessages(settings), DeadLetters);
    }

    public string Path { get; }

    public string Name => _settings.Name;

    public EntityKind Kind => EntityKind.Subscription;

    public SubscriptionSettings Settings => _settings;

    public IReadOnlyList<RuleSettings> Rules => _settings.Rules;

    public MessageStore Messages { get; }

    public MessageStore DeadLetters { get; }

    public IEnumerable<MessageStore> Stores => [Messages, DeadLetters];

    public EntityStatus Status => _settings.Status;

    public EntityLife Life { get; } = new();

    public EntityOrigin Origin { get; }

    public EntityDomain Domain => _domain;

    /// <summary>Whether a rule matches. Rules without actions together yield one copy, so one match is enough.</summary>
    /// <param name="message">The message.</param>
    /// <param name="codec">Reads its fields when a rule needs them.</param>
    /// <param name="fields">The fields once read, shared between the subscriptions of a topic.</param>
    public bool Matches(MessageContent message, IMessageCodec codec, ref FilterFields? fields)
    {
        foreach (var rule in Rules)
        {
            switch (rule.Filter)
            {
                case TrueFilter:
                    return true;
                case CorrelationFilter correlation when CorrelationMatch.IsMatch(correlation, fields ??= codec.ReadFields(message)):
                    return true;
            }
        }

        return false;
    }

    /// <summary>Stores a copy, or dead-letters it when it lacks the session id that is required here.</summary>
    public void AddLocked(MessageContent message, DateTimeOffset now, long enqueueSequenceNumber)
    {
        if (_settings.RequiresSession && message.SessionId is null)
        {
            DeadLetters.AddLocked(_domain.Codec.Merge(message, DeadLetterReason.SessionIdMissing()), now, enqueueSequenceNumber, 0, Path);
            DeadLetters.PumpLocked();
            return;
        }

        Messages.AddLocked(message, now, enqueueSequenceNumber);
        Messages.PumpLocked();
    }

    /// <summary>Takes other settings, rules included.</summary>
    /// <param name="change">From the settings now to the new ones: valid, with the same name and sessions. Null refuses, and null is returned.</param>
    public EntityOutcome? Change(Func<SubscriptionSettings, SubscriptionSettings?> change)
    {
        lock (_domain.Gate)
        {
            if (_isDeleted) return EntityOutcome.Failed(EntityFault.EntityNotFound);
            if (_domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            if (change(_settings) is not { } settings) return null;
            _settings = settings;
            Messages.ReconfigureLocked(OfMessages(settings));
            DeadLetters.ReconfigureLocked(OfDeadLetters(settings));
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
        new(Path, Kind, Origin.Declared, Origin.CreatedAt, Origin.UpdatedAt) { Subscription = isDeleted ? null : _settings };

    public void Dispose()
    {
        Messages.Dispose();
        DeadLetters.Dispose();
    }

    private StoreSettings OfMessages(SubscriptionSettings settings) => new()
    {
        Path = Path,
        LockDuration = settings.LockDuration,
        MaxDeliveryCount = settings.MaxDeliveryCount,
        DefaultTimeToLive = settings.DefaultMessageTimeToLive,
        DeadLetterOnExpiration = settings.DeadLetteringOnMessageExpiration,
        RequiresSession = settings.RequiresSession,
    };

    private StoreSettings OfDeadLetters(SubscriptionSettings settings) =>
        new() { Path = EntityPath.DeadLetters(Path), LockDuration = settings.LockDuration, Expires = false };
}
