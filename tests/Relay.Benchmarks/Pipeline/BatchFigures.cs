namespace Relay.Benchmarks.Pipeline;

/// <summary>Rates of one case, a slice each, with those of bare verifications right after.</summary>
/// <param name="Name">What is verified.</param>
/// <param name="Signatures">Of each envelope.</param>
internal sealed record BatchFigures(string Name, int Signatures)
{
    private readonly List<(double Envelopes, double Bare)> _slices = [];

    /// <summary>Envelopes a second, the median.</summary>
    public double PerSecond => Median(slice => slice.Envelopes);

    /// <summary>Bare verifications a second, the median.</summary>
    public double Bare => Median(slice => slice.Bare);

    /// <summary>Signatures verified for each bare verification in the same time, the median.</summary>
    public double Ratio => Median(slice => Signatures * slice.Envelopes / slice.Bare);

    public void Add(double envelopes, double bare) => _slices.Add((envelopes, bare));

    private double Median(Func<(double Envelopes, double Bare), double> figure) =>
        _slices.Select(figure).Order().ElementAt(_slices.Count / 2);
}
