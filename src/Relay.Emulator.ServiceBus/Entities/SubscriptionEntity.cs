using Relay.Emulator.ServiceBus.Topology;

namespace Relay.Emulator.ServiceBus.Entities;

/// <summary>A subscription: rules, messages, dead-letter queue.</summary>
internal sealed class SubscriptionEntity : IDisposable
{
    private readonly SubscriptionSettings _settings;
    private readonly EntityDomain _domain;

    public SubscriptionEntity(string topic, SubscriptionSettings settings, EntityDomain domain)
    {
        _settings = settings;
        _domain = domain;
        Path = EntityPath.Subscription(topic, settings.Name);
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

    public string Path { get; }

    public string Name => _settings.Name;

    public IReadOnlyList<RuleSettings> Rules => _settings.Rules;

    public MessageStore Messages { get; }

    public MessageStore DeadLetters { get; }

    public bool CanReceive => _settings.Status is EntityStatus.Active or EntityStatus.SendDisabled;

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

    public void Dispose()
    {
        Messages.Dispose();
        DeadLetters.Dispose();
    }
}
