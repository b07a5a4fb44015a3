using Relay.Protocol.Envelopes;

namespace Relay.DeadLetters;

/// <summary>Dead letters of one reason, negotiation, sender and lane.</summary>
/// <param name="Reason">Why; empty when none was given.</param>
/// <param name="Negotiation">What the envelopes say, unproved; null for what is none.</param>
/// <param name="Sender">Likewise.</param>
/// <param name="Lane">Of the queue; on a topic what the envelopes say, null for what is none.</param>
/// <param name="Count">How many.</param>
/// <param name="Bytes">Of all bodies.</param>
/// <param name="Oldest">When the first came there, unix milliseconds.</param>
/// <param name="Newest">When the last did.</param>
internal sealed record DeadLetterGroup(
    string Reason, string? Negotiation, string? Sender, Lane? Lane, int Count, long Bytes, long Oldest, long Newest)
{
    public static DeadLetterGroup Of(DeadLetter letter) => new(
        letter.Reason, letter.Id?.Negotiation, letter.Id?.Sender, letter.Lane, 1, letter.Size, letter.Key.At, letter.Key.At);

    public DeadLetterGroup With(DeadLetter letter) => this with
    {
        Count = Count + 1,
        Bytes = Bytes + letter.Size,
        Oldest = Math.Min(Oldest, letter.Key.At),
        Newest = Math.Max(Newest, letter.Key.At),
    };
}
