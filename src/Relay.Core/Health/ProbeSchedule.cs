namespace Relay.Core.Health;

/// <summary>When a dependency is probed, and what a probe's end says of it: pure rules of <see cref="DependencyWatch"/>.</summary>
public static class ProbeSchedule
{
    // A failure is looked at again at once: it takes two to be down.
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);

    // Later than this after a deadline nobody's clock is to blame but this process's.
    private static readonly TimeSpan OwnLag = TimeSpan.FromMilliseconds(250);

    /// <summary>What a probe that ended at its deadline says.</summary>
    /// <param name="took">How long it took.</param>
    /// <param name="timeout">How long it had.</param>
    /// <returns>False for a failure; null when this process stood still, and nothing can be said.</returns>
    public static bool? JudgeLate(TimeSpan took, TimeSpan timeout) => took > timeout + OwnLag ? null : false;

    /// <summary>How long until the next.</summary>
    /// <param name="works">What the last one said; null for nothing.</param>
    /// <param name="every">The setting.</param>
    public static TimeSpan PauseAfter(bool? works, TimeSpan every) => works == false && AfterFailure < every ? AfterFailure : every;
}
