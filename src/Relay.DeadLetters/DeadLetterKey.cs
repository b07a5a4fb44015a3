using System.Globalization;

namespace Relay.DeadLetters;

/// <summary>Names one dead letter, for good.</summary>
/// <param name="Source">Whose dead letter it is.</param>
/// <param name="Number">The bus's number of it there.</param>
/// <param name="At">When it came there, unix milliseconds: numbers begin anew in an entity that was made anew.</param>
internal readonly record struct DeadLetterKey(DeadLetterSource Source, long Number, long At)
{
    private const char Divider = ':';

    /// <summary>As <see cref="ToString"/> writes it.</summary>
    public static bool TryParse(string? text, out DeadLetterKey key)
    {
        key = default;
        if (text?.Split(Divider) is not [var name, var number, var at]
            || !DeadLetterSource.TryParse(name, out var source)
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var numbered)
            || !long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var moment))
        {
            return false;
        }
        key = new DeadLetterKey(source, numbered, moment);
        return true;
    }

    /// <summary>Source, number and time, divided by colons.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Source}{Divider}{Number}{Divider}{At}");
}
