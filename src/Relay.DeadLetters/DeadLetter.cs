using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.DeadLetters;

/// <summary>A dead letter as the bus shows it, without its body.</summary>
/// <param name="Key">Which one.</param>
/// <param name="Reason">Why; the bus's own reasons look like <c>MaxDeliveryCountExceeded</c>. Empty when none was given.</param>
/// <param name="Description">One sentence more, or empty. Text of whoever dead-lettered it.</param>
/// <param name="Id">What the envelope says it is, unproved; null when the body is no envelope.</param>
/// <param name="ExpiresAt">When the envelope ends; null when the body is none.</param>
/// <param name="Size">Bytes of the body.</param>
/// <param name="Body">Its SHA-256.</param>
/// <param name="Marker">What an earlier redrive wrote on it; null when none did.</param>
/// <param name="LabelSize">Bytes that go back beside the body.</param>
internal sealed record DeadLetter(
    DeadLetterKey Key,
    string Reason,
    string Description,
    EnvelopeId? Id,
    DateTimeOffset? ExpiresAt,
    int Size,
    Digest Body,
    RedriveMarker? Marker,
    int LabelSize = 0)
{
    /// <summary>Of the queue; on a topic what the envelope says, unproved. Null for what is no envelope there.</summary>
    public Lane? Lane => Key.Source.Queue ?? Id?.Lane;
}
