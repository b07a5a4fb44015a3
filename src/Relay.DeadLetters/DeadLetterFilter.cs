using Relay.Protocol.Envelopes;

namespace Relay.DeadLetters;

/// <summary>Which dead letters are meant. What is null means any.</summary>
internal sealed record DeadLetterFilter
{
    public string? Reason { get; init; }

    public string? Negotiation { get; init; }

    public string? Sender { get; init; }

    /// <summary>Lane of the queue it lies in; on a topic the envelope's.</summary>
    public Lane? Lane { get; init; }

    /// <summary>The subscription to look into; null for the queues.</summary>
    public DeadLetterSource? Subscription { get; init; }

    /// <summary>Came there at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Came there before this time.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>The bus's number of a single one.</summary>
    public long? Number { get; init; }

    /// <summary>True when nothing but the place is named, and so all that lies there is meant.</summary>
    public bool TakesAll => this with { Subscription = null } == new DeadLetterFilter();

    /// <summary>Where to look: the subscription, or the queues, urgent first.</summary>
    public IEnumerable<DeadLetterSource> Sources
    {
        get
        {
            if (Subscription is { } subscription) return [subscription];
            Lane[] lanes = Lane is { } only ? [only] : [Protocol.Envelopes.Lane.Urgent, Protocol.Envelopes.Lane.Normal];
            return lanes.Select(DeadLetterSource.OfQueue);
        }
    }

    public bool Takes(DeadLetter letter) =>
        (Reason is null || Reason == letter.Reason)
        && (Negotiation is null || Negotiation == letter.Id?.Negotiation)
        && (Sender is null || Sender == letter.Id?.Sender)
        && (Lane is null || Lane == letter.Lane)
        && (Since is not { } since || letter.Key.At >= since.ToUnixTimeMilliseconds())
        && (Before is not { } before || letter.Key.At < before.ToUnixTimeMilliseconds())
        && (Number is null || Number == letter.Key.Number);

    /// <summary>For the log: the options that were given.</summary>
    public override string ToString()
    {
        (string Name, string? Value)[] all =
        [
            ("reason", Reason),
            ("negotiation", Negotiation),
            ("sender", Sender),
            ("lane", Lane?.ToText()),
            ("topic", Subscription?.Entity),
            ("subscription", Subscription?.Subscription),
            ("since", $"{Since:O}"),
            ("before", $"{Before:O}"),
            ("number", $"{Number}"),
        ];
        return string.Join(' ', all.Where(pair => !string.IsNullOrEmpty(pair.Value)).Select(pair => $"{pair.Name}={pair.Value}"));
    }
}
