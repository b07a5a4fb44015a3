using System.Diagnostics.CodeAnalysis;
using Relay.Azure.Bus;
using Relay.Core.Directory;
using Relay.Protocol.Envelopes;

namespace Relay.DeadLetters;

/// <summary>Whose dead letters: of a lane's queue, or of a subscription of a delegation's topic. Equal by name.</summary>
internal sealed record DeadLetterSource
{
    private const char Divider = '/';

    private DeadLetterSource(string entity, Lane? queue, string? subscription)
    {
        Entity = entity;
        Queue = queue;
        Subscription = subscription;
    }

    /// <summary>Queue or topic: where a redrive sends to.</summary>
    public string Entity { get; }

    /// <summary>Lane of the queue; null for a subscription.</summary>
    public Lane? Queue { get; }

    /// <summary>Name of the subscription; null for a queue.</summary>
    public string? Subscription { get; }

    public static DeadLetterSource OfQueue(Lane lane) => new(BusEntities.QueueOf(lane), lane, null);

    /// <summary>A subscription of a delegation's topic: <c>inbox</c> when none is named. False for names of any other entity.</summary>
    public static bool TryOfTopic(string? topic, string? subscription, [NotNullWhen(true)] out DeadLetterSource? source)
    {
        subscription ??= BusEntities.InboxSubscription;
        source = DelegationTopic.IsValid(topic) && RelayName.IsValid(subscription)
            ? new DeadLetterSource(topic!, null, subscription)
            : null;
        return source is not null;
    }

    /// <summary>As <see cref="ToString"/> writes it.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DeadLetterSource? source)
    {
        if (LaneText.TryParse(text, out var lane))
        {
            source = OfQueue(lane);
            return true;
        }
        source = null;
        return text?.Split(Divider) is [var topic, var subscription] && TryOfTopic(topic, subscription, out source);
    }

    /// <summary>The lane, or topic and subscription divided by a slash.</summary>
    public override string ToString() => Queue is { } lane ? lane.ToText() : $"{Entity}{Divider}{Subscription}";
}
