
namespace Emulator.ServiceBus.Rules;

/// <summary>A message as the rules of one subscription see it, with what an action changed so far.</summary>
/// <param name="fields">What the sender wrote.</param>
/// <param name="enqueuedTime">When it was published.</param>
/// <param name="sequenceNumber">Its number in the topic.</param>
internal sealed class RuleMessage(FilterFields fields, DateTimeOffset enqueuedTime, long sequenceNumber)
{
    private Dictionary<string, PropertyChange>? _user;
    private Dictionary<SystemProperty, object?>? _system;

    /// <summary>What actions changed: application properties by the name the message has them under.</summary>
    public MessageChanges Changes => new(_user?.Values.ToList() ?? [], _system ?? []);

    /// <summary>The same message before any action.</summary>
    public RuleMessage Fresh() => new(fields, enqueuedTime, sequenceNumber);

    /// <summary>An application property, normalised; null when it is not there.</summary>
    public object? User(string name) => TryFind(name, out _, out var value) ? SqlValue.Normalise(value) : null;

    /// <summary>Whether an application property is there, null or not.</summary>
    public bool Has(string name) => TryFind(name, out _, out _);

    public object? System(SystemProperty property) =>
        _system is not null && _system.TryGetValue(property, out var changed) ? changed : property switch
        {
            SystemProperty.MessageId => fields.MessageId,
            SystemProperty.CorrelationId => fields.CorrelationId,
            SystemProperty.SessionId => fields.SessionId,
            SystemProperty.To => fields.To,
            SystemProperty.ReplyTo => fields.ReplyTo,
            SystemProperty.ReplyToSessionId => fields.ReplyToSessionId,
            SystemProperty.Label => fields.Label,
            SystemProperty.ContentType => fields.ContentType,
            SystemProperty.PartitionKey => fields.PartitionKey,
            SystemProperty.TimeToLive => fields.TimeToLive,
            SystemProperty.ScheduledEnqueueTimeUtc => fields.ScheduledEnqueueTime,
            SystemProperty.EnqueuedTimeUtc => enqueuedTime,
            SystemProperty.ExpiresAtUtc =>
                fields.TimeToLive is { } life && life < DateTimeOffset.MaxValue - enqueuedTime
                    ? enqueuedTime + life
                    : DateTimeOffset.MaxValue,
            SystemProperty.SequenceNumber or SystemProperty.EnqueuedSequenceNumber => sequenceNumber,
            SystemProperty.DeliveryCount => 0L,
        };

    /// <summary>Sets an application property, under the name it has already if it is there in another case.</summary>
    public void SetUser(string name, object? value) => Change(name, value, isRemoved: false);

    public void RemoveUser(string name)
    {
        if (Has(name)) Change(name, null, isRemoved: true);
    }

    /// <param name="property">One that can be set.</param>
    /// <param name="value">Of the property's type, or null.</param>
    public void SetSystem(SystemProperty property, object? value) => (_system ??= [])[property] = value;

    private void Change(string name, object? value, bool isRemoved)
    {
        TryFind(name, out var known, out _);
        (_user ??= new(StringComparer.OrdinalIgnoreCase))[name] = new PropertyChange(known ?? name, value, isRemoved);
    }

    private bool TryFind(string name, out string? known, out object? value)
    {
        if (_user is not null && _user.TryGetValue(name, out var change))
        {
            (known, value) = (change.Name, change.Value);
            return !change.IsRemoved;
        }

        known = name;
        if (fields.Properties.TryGetValue(name, out value)) return true;
        foreach (var (other, found) in fields.Properties)
        {
            if (!other.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            (known, value) = (other, found);
            return true;
        }

        known = null;
        return false;
    }
}

/// <summary>A change of one application property.</summary>
internal sealed record PropertyChange(string Name, object? Value, bool IsRemoved);

/// <summary>What an action made of a message.</summary>
internal sealed record MessageChanges(IReadOnlyList<PropertyChange> User, IReadOnlyDictionary<SystemProperty, object?> System);
