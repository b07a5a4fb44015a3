namespace Relay.Risk.Silence;

/// <summary>
/// Whoever watches distrusts itself first: each sign that it is slow doubles, trebles and so on what it takes to suspect others, up to
/// nine times; each sign that it is not takes one back.
/// </summary>
/// <remarks>
/// Dadgar, Phillips, Currey, "Lifeguard: Local Health Awareness for More Accurate Failure Detection", 2018, section IV.A, the local
/// health multiplier with its saturation of 8. Not safe for concurrent use.
/// </remarks>
public sealed class LocalHealth
{
    /// <summary>S, the greatest score: 8.</summary>
    public const int MostScore = 8;

    /// <summary>0 to <see cref="MostScore"/>.</summary>
    public int Score { get; private set; }

    /// <summary>What thresholds are multiplied by: 1 to 9.</summary>
    public int Multiplier => Score + 1;

    /// <summary>Takes a sign.</summary>
    /// <param name="isWell">False when a timer came late, or the store took long to answer or did not.</param>
    public void Note(bool isWell) => Score = isWell ? Math.Max(0, Score - 1) : Math.Min(MostScore, Score + 1);
}
