namespace Relay.Benchmarks.Cost;

/// <summary>A list price.</summary>
/// <param name="Name">As the deployment's README names it.</param>
/// <param name="Dollars">US dollars.</param>
/// <param name="Per">How many of what it buys.</param>
/// <param name="IsConfirmed">False where only estimates were found.</param>
internal sealed record Price(string Name, decimal Dollars, decimal Per, bool IsConfirmed)
{
    /// <summary>What so many cost.</summary>
    public decimal Of(double count) => (decimal)count / Per * Dollars;
}
