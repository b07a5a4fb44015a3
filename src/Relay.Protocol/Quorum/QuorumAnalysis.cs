namespace Relay.Protocol.Quorum;

/// <summary>What a <see cref="QuorumRule"/> survives.</summary>
/// <param name="TotalWeight">W, the sum of all weights.</param>
/// <param name="Quorum">Weight each envelope needs.</param>
/// <param name="WeightThatMayLie">Most weight that can collude without reaching the quorum: quorum - 1.</param>
/// <param name="WeightThatMayBeDown">Most weight that can be absent with the quorum still in reach: W - quorum.</param>
/// <param name="MediatorsThatCanForge">Fewest mediators that reach the quorum together.</param>
/// <param name="MediatorsThatCanBlock">Fewest mediators whose absence puts the quorum out of reach.</param>
/// <param name="IsByzantineSafe">True when quorum &gt; 2W/3.</param>
public sealed record QuorumAnalysis(
    int TotalWeight,
    int Quorum,
    int WeightThatMayLie,
    int WeightThatMayBeDown,
    int MediatorsThatCanForge,
    int MediatorsThatCanBlock,
    bool IsByzantineSafe)
{
    /// <summary>Plain sentences for an operator, one each.</summary>
    public IReadOnlyList<string> Explain() =>
    [
        $"Total weight {TotalWeight}, quorum {Quorum}.",
        $"Up to weight {WeightThatMayLie} may lie: it takes {Mediators(MediatorsThatCanForge)} at least to pass an envelope.",
        $"Up to weight {WeightThatMayBeDown} may be down: it takes {Mediators(MediatorsThatCanBlock)} at least to stop all traffic.",
        IsByzantineSafe
            ? "The quorum is above two thirds of the weight: two quorums always share an honest mediator while less than a third lies."
            : "The quorum is not above two thirds of the weight: a third that lies can stand behind two different envelopes.",
    ];

    private static string Mediators(int count) => count == 1 ? "1 mediator" : $"{count} mediators";
}
