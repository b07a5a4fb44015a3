using System.Globalization;

namespace Relay.Local.Chaos;

/// <summary>What a dependency suffers now.</summary>
/// <param name="Kind">How.</param>
/// <param name="Delay">How late each answer is: 1 ms to <see cref="LongestDelay"/> when slow, else zero.</param>
public readonly record struct Disturbance(DisturbanceKind Kind, TimeSpan Delay)
{
    /// <summary>The longest delay: 10 min.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    /// <summary>As a command has it: <c>back</c>, <c>down</c>, <c>slow:2000ms</c>, <c>erroring</c>.</summary>
    public override string ToString() => Kind switch
    {
        DisturbanceKind.None => "back",
        DisturbanceKind.Down => "down",
        DisturbanceKind.Slow => string.Create(CultureInfo.InvariantCulture, $"slow:{Delay.TotalMilliseconds:0}ms"),
        DisturbanceKind.Erroring => "erroring",
    };
}
