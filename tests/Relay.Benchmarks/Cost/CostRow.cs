namespace Relay.Benchmarks.Cost;

/// <summary>One line of a <see cref="CostSheet"/>.</summary>
/// <param name="What">The operation.</param>
/// <param name="Count">How many a million envelopes take.</param>
/// <param name="Dollars">What those cost at list prices.</param>
internal sealed record CostRow(string What, double Count, decimal Dollars);
