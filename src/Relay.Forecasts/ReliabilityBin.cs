namespace Relay.Forecasts;

/// <summary>Forecasts of one tenth of the probabilities, and how often they came true.</summary>
/// <param name="From">Its beginning, 0 to 0.9.</param>
/// <param name="Count">How many forecasts.</param>
/// <param name="Mean">What they said on the mean; 0 for none.</param>
/// <param name="Came">How many came true.</param>
/// <param name="Low">Lower end of the 95 % interval of the frequency (Wilson, 1927).</param>
/// <param name="High">Upper end of it.</param>
public sealed record ReliabilityBin(double From, int Count, double Mean, int Came, double Low, double High)
{
    /// <summary>True when what was said is within the interval, or nothing was.</summary>
    public bool IsReliable => Count == 0 || (Mean >= Low && Mean <= High);
}
