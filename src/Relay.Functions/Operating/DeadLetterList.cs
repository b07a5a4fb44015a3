using Relay.DeadLetters;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Operating;

/// <summary>Dead letters counted, and some shown.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Groups">By reason, negotiation, sender and lane; at most 1,000.</param>
/// <param name="More">Groups that are left out.</param>
/// <param name="Messages">The first, place by place in the bus's order; absent where none were asked for.</param>
/// <param name="Topics">
/// Of the queues': the delegations' topics, each to be asked for in its turn, since what their subscriptions gave up is in none of these
/// counts; at most 64, absent where there are more or the directory cannot be read now.
/// </param>
public sealed record DeadLetterList(
    int Count,
    IReadOnlyList<DeadLetterList.Group> Groups,
    int More,
    IReadOnlyList<DeadLetterList.Message>? Messages,
    IReadOnlyList<string>? Topics = null)
{
    private const int Most = 1_000;

    internal static DeadLetterList Of(IReadOnlyList<DeadLetterGroup> groups, IEnumerable<DeadLetter>? shown) => new(
        groups.Sum(group => group.Count),
        [
            .. groups.Take(Most).Select(group => new Group(
                group.Reason, group.Negotiation, group.Sender, group.Lane?.ToText(), group.Count, group.Bytes, group.Oldest, group.Newest)),
        ],
        Math.Max(0, groups.Count - Most),
        shown is null ? null : [.. shown.Select(Message.Of)]);

    /// <summary>Those of one kind.</summary>
    /// <param name="Reason">Why; empty when none was given.</param>
    /// <param name="Negotiation">What the envelopes say, unproved; absent for what is none.</param>
    /// <param name="Sender">Likewise.</param>
    /// <param name="Lane">Of the queue; on a topic what the envelopes say, absent for what is none.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Bytes">Of all bodies.</param>
    /// <param name="Oldest">When the first came there, milliseconds since 1970.</param>
    /// <param name="Newest">When the last did.</param>
    public sealed record Group(
        string Reason, string? Negotiation, string? Sender, string? Lane, int Count, long Bytes, long Oldest, long Newest);

    /// <summary>One of them, without its body.</summary>
    /// <param name="Lane">Of the queue; on a topic what the envelope says, absent for what is none.</param>
    /// <param name="Number">The bus's number.</param>
    /// <param name="At">When it came there, milliseconds since 1970.</param>
    /// <param name="Reason">Why; empty when none was given.</param>
    /// <param name="Description">One sentence more, or empty: text of whoever made it a dead letter.</param>
    /// <param name="Id">What the envelope says it is, unproved; absent for what is none.</param>
    /// <param name="Expires">When the envelope ends.</param>
    /// <param name="Size">Bytes of the body.</param>
    /// <param name="Digest">SHA-256 of it, base64url.</param>
    /// <param name="Redriven">True when an earlier redrive put it back already, by what it bears.</param>
    public sealed record Message(
        string? Lane,
        long Number,
        long At,
        string Reason,
        string Description,
        string? Id,
        DateTimeOffset? Expires,
        int Size,
        string Digest,
        bool Redriven)
    {
        internal static Message Of(DeadLetter letter) => new(
            letter.Lane?.ToText(),
            letter.Key.Number,
            letter.Key.At,
            letter.Reason,
            letter.Description,
            letter.Id?.ToString(),
            letter.ExpiresAt,
            letter.Size,
            letter.Body.ToString(),
            letter.Marker is not null);
    }
}
