using Relay.Risk.Observations;

namespace Relay.Risk.Calculation;

/// <summary>What a source is worth after what it has been found vouching for.</summary>
internal static class Credibility
{
    /// <summary>After this long a contradiction counts half as much: seven days.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromDays(7);

    /// <summary>weight * 2^-E, E the sum of 2^(-age / 7 d) over the contradictions that it has vouched for.</summary>
    /// <remarks>
    /// Our own: exponential forgetting as in Josang and Ismail, "The beta reputation system" (2002), but what was vouched for rightly
    /// does not make up for a contradiction, since only one of the two is ever an accident.
    /// </remarks>
    /// <param name="weight">Its part of the whole weight.</param>
    /// <param name="mediator">Its name.</param>
    /// <param name="evidence">All that is known up to <paramref name="now"/>.</param>
    /// <param name="now">When it is asked.</param>
    public static double Of(double weight, string mediator, IEnumerable<ObservedEvidence> evidence, DateTimeOffset now)
    {
        var burden = evidence
            .Where(shown => shown.Mediators.Contains(mediator))
            .Sum(shown => Math.Pow(2, -Math.Max(0, (now - shown.At) / HalfLife)));
        return weight * Math.Pow(2, -burden);
    }
}
