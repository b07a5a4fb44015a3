using System.Globalization;
using Relay.Protocol.Envelopes;

namespace Relay.DeadLetters;

/// <summary>Names one dead letter, for good.</summary>
/// <param name="Queue">The queue whose dead letter it is, by its lane.</param>
/// <param name="Number">The bus's number of it there.</param>
/// <param name="At">When it came there, unix milliseconds: numbers begin anew in a queue that was made anew.</param>
internal readonly record struct DeadLetterKey(Lane Queue, long Number, long At)
{
    private const char Divider = ':';

    /// <summary>As <see cref="ToString"/> writes it.</summary>
    public static bool TryParse(string? text, out DeadLetterKey key)
    {
        key = default;
        if (text?.Split(Divider) is not [var queue, var number, var at]
            || !LaneText.TryParse(queue, out var lane)
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var numbered)
            || !long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var moment))
        {
            return false;
        }
        key = new DeadLetterKey(lane, numbered, moment);
        return true;
    }

    /// <summary>Lane, number and time, divided by colons.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Queue.ToText()}{Divider}{Number}{Divider}{At}");
}
