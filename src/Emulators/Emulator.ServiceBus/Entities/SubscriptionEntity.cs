using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Rules;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Entities;

/// <summary>A subscription: rules, messages, dead-letter queue.</summary>
internal sealed class SubscriptionEntity : Entity, IDisposable
{
    private readonly ReceivedStores _stores;

    // Guarded by the gate; read without it where a moment more or less does not matter.
    private volatile SubscriptionSettings _settings;
    private IReadOnlyList<Rule> _rules;

    // Under the gate: what the topic allows, which its copies expire by too.
    private TimeSpan _topicTimeToLive = TimeSpan.MaxValue;

    public SubscriptionEntity(string topic, SubscriptionSettings settings, EntityDomain domain, EntityOrigin? origin = null)
        : base(domain, origin)
    {
        _settings = settings;
        Path = EntityPath.Subscription(topic, settings.Name);
        _stores = new ReceivedStores(domain, OfMessages(settings), settings.ForwardDeadLetteredMessagesTo);
        _rules = Compile(settings.Rules, []);
    }

    public override string Path { get; }

    public string Name => _settings.Name;

    public override EntityKind Kind => EntityKind.Subscription;

    public SubscriptionSettings Settings => _settings;

    /// <summary>Ready to run, in the order they were added.</summary>
    public IReadOnlyList<Rule> Rules => Volatile.Read(ref _rules);

    public MessageStore Messages => _stores.Messages;

    public MessageStore DeadLetters => _stores.DeadLetters;

    /// <summary>What could not be forwarded, from here or from the dead-letter queue.</summary>
    public MessageStore TransferDeadLetters => _stores.TransferDeadLetters;

    public override IEnumerable<MessageStore> Stores => _stores.All;

    public override EntityStatus Status => _settings.Status;

    /// <summary>
    /// Stores the copies that the rules call for: one for all rules without
    /// action that match, one more for each with an action. A rule that cannot
    /// be evaluated dead-letters the message, or drops it, as the settings say; the others have their say all the same.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="now">When it was published.</param>
    /// <param name="number">Its number in the topic.</param>
    /// <param name="fields">Its fields once read, shared between the subscriptions of a topic.</param>
    public void PublishLocked(MessageContent message, DateTimeOffset now, long number, ref FilterFields? fields)
    {
        var wanted = false;
        RuleMessage? seen = null;
        foreach (var rule in _rules)
        {
            if (rule.IsMatchAll || (wanted && !rule.HasAction))
            {
                wanted = true;
                continue;
            }

            fields ??= Domain.Codec.ReadFields(message);
            seen ??= new RuleMessage(fields, now, number);
            var isMatch = rule.IsMatch(seen, fields, out var fault);
            if (isMatch && rule.HasAction)
            {
                var copy = seen.Fresh();
                fault = rule.Apply(copy);
                if (fault is null) AddLocked(Domain.Codec.Apply(message, copy.Changes), now, number);
            }
            else
            {
                wanted |= isMatch;
            }

            if (fault is not null && _settings.DeadLetteringOnFilterEvaluationExceptions)
            {
                DeadLetterLocked(message, DeadLetterReason.FilterFailed(rule.Name, fault), now, number);
            }
        }

        if (wanted) AddLocked(message, now, number);
    }

    /// <summary>Takes other settings, rules included.</summary>
    /// <param name="change">From the settings now to the new ones: valid, with
    /// the same name and sessions. Null refuses, and null is returned.</param>
    public EntityOutcome? Change(Func<SubscriptionSettings, SubscriptionSettings?> change) => TryChange(() =>
    {
        if (change(_settings) is not { } settings) return false;
        _rules = Compile(settings.Rules, _rules);
        _settings = settings;
        _stores.ReconfigureLocked(OfMessages(settings), settings.ForwardDeadLetteredMessagesTo);
        return true;
    });

    /// <summary>Takes what the topic allows: copies from now on expire by the smaller of both. Called under the gate.</summary>
    public void BoundLocked(TimeSpan topicTimeToLive)
    {
        _topicTimeToLive = topicTimeToLive;
        _stores.ReconfigureLocked(OfMessages(_settings), _settings.ForwardDeadLetteredMessagesTo);
    }

    public override EntityDefinition Define(bool isDeleted) =>
        new(Path, Kind, Origin.Declared, Origin.CreatedAt, Origin.UpdatedAt) { Subscription = isDeleted ? null : _settings };

    public void Dispose() => _stores.Dispose();

    /// <summary>Those that are there already are kept.</summary>
    private IReadOnlyList<Rule> Compile(IReadOnlyList<RuleSettings> settings, IReadOnlyList<Rule> compiled)
    {
        if (settings.Count == compiled.Count
            && settings.SequenceEqual(compiled.Select(rule => rule.Settings), ReferenceEqualityComparer.Instance))
        {
            return compiled;
        }
        var known = new Dictionary<object, Rule>(
            compiled.Select(rule => KeyValuePair.Create<object, Rule>(rule.Settings, rule)), ReferenceEqualityComparer.Instance);
        var rules = new List<Rule>(settings.Count);
        foreach (var rule in settings)
        {
            if (known.TryGetValue(rule, out var old)) rules.Add(old);
            else if (Rule.TryCompile(rule, out var made, out var error)) rules.Add(made);
            else throw new ArgumentException(
                $"Expected rules that were checked, got '{rule.Name}' of '{Path}': {error}.", nameof(settings));
        }

        return rules;
    }

    /// <summary>Stores a copy, or dead-letters it when it lacks the session id that is required here.</summary>
    private void AddLocked(MessageContent message, DateTimeOffset now, long enqueueSequenceNumber)
    {
        if (_settings.RequiresSession && message.SessionId is null)
        {
            DeadLetterLocked(message, DeadLetterReason.SessionIdMissing(), now, enqueueSequenceNumber);
            return;
        }

        Messages.AddLocked(message, now, enqueueSequenceNumber);
        Messages.PumpLocked();
    }

    private void DeadLetterLocked(
        MessageContent message, IReadOnlyList<KeyValuePair<string, object?>> reason, DateTimeOffset now, long number)
    {
        DeadLetters.AddLocked(Domain.Codec.Merge(message, reason), now, number, 0, Path);
        DeadLetters.PumpLocked();
    }

    private StoreSettings OfMessages(SubscriptionSettings settings) => new()
    {
        Path = Path,
        LockDuration = settings.LockDuration,
        MaxDeliveryCount = settings.MaxDeliveryCount,
        DefaultTimeToLive =
            settings.DefaultMessageTimeToLive < _topicTimeToLive ? settings.DefaultMessageTimeToLive : _topicTimeToLive,
        DeadLetterOnExpiration = settings.DeadLetteringOnMessageExpiration,
        RequiresSession = settings.RequiresSession,
        ForwardTo = EntityPath.Destination(settings.ForwardTo),
    };
}
