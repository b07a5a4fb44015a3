using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace StandIns.Tests;

/// <summary>One member of each kind whose text matters, for the test of the text.</summary>
public class Sample
{
    [DefaultValue(3)]
    public int Count { get; protected set; } = 3;

    public static string Join(string[] parts, bool isShort = true) => string.Join(isShort ? "" : ", ", parts);

    protected virtual string? Find(
        [NotNullWhen(true)] string? name, out int at, DayOfWeek day = DayOfWeek.Friday, TimeSpan wait = default, int? limit = null)
    {
        at = limit ?? (int)day + wait.Days;
        return name;
    }
}
