namespace Relay.Risk.Tests;

/// <summary>Gaps of processes whose parameters are known, from a seed.</summary>
internal sealed class Samples(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Gaps of a Poisson process.</summary>
    public double[] Poisson(int count, double mean = 1) => Draw(count, () => mean * Exponential());

    /// <summary>Gaps whose logarithms are normal.</summary>
    public double[] LogNormal(int count, double location = 0, double deviation = 1) =>
        Draw(count, () => Math.Exp(location + (deviation * Normal())));

    /// <summary>Mostly short gaps, and now and then a long one: exponential with one of two means.</summary>
    public double[] Bursty(int count, double share, double brief, double lengthy) =>
        Draw(count, () => (_random.NextDouble() < share ? brief : lengthy) * Exponential());

    public double Uniform() => _random.NextDouble();

    public double Exponential() => -Math.Log(1 - _random.NextDouble());

    // Box and Muller.
    public double Normal() => Math.Sqrt(2 * Exponential()) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private static double[] Draw(int count, Func<double> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];
}
