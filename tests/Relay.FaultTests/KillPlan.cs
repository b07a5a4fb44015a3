using System.Globalization;

namespace Relay.FaultTests;

/// <summary>How much every run of kills does.</summary>
internal static class KillPlan
{
    /// <summary>Envelopes sent at once after a start.</summary>
    public const int Burst = 9;

    /// <summary>Envelopes at most until the kill.</summary>
    public const int Most = 40;

    /// <summary>
    /// Apps that live for a second fall behind for good otherwise: more than may be held waits, and is retried later and later.
    /// </summary>
    public const int MostWaiting = 150;

    /// <summary>A few; as many as the environment variable RELAY_KILLS says for a long run.</summary>
    public static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("RELAY_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 3;

    /// <summary>What may be sent before the next kill.</summary>
    public static (int Burst, int Most) Envelopes(long waiting) => waiting < MostWaiting ? (Burst, Most) : (0, 0);
}
