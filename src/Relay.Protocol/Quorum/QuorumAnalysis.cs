namespace Relay.Protocol.Quorum;

/// <summary>What a <see cref="QuorumRule"/> survives.</summary>
/// <param name="TotalWeight">W, the sum of all weights.</param>
/// <param name="Quorum">Weight each envelope needs.</param>
/// <param name="WeightThatMayLie">Most weight that can collude without reaching the quorum: quorum - 1.</param>
/// <param name="WeightThatMayBeDown">Most weight that can be absent with the quorum still in reach: W - quorum.</param>
/// <param name="MediatorsThatCanForge">Fewest mediators that reach the quorum together.</param>
/// <param name="MediatorsThatCanBlock">Fewest mediators whose absence puts the quorum out of reach.</param>
/// <param name="SharedWeight">
/// Least weight that any two sets which reach the quorum have in common: 2 quorum - W; 0 or less where two may have nobody in common.
/// </param>
/// <param name="IsByzantineSafe">True when quorum &gt; 2W/3.</param>
public sealed record QuorumAnalysis(
    int TotalWeight,
    int Quorum,
    int WeightThatMayLie,
    int WeightThatMayBeDown,
    int MediatorsThatCanForge,
    int MediatorsThatCanBlock,
    int SharedWeight,
    bool IsByzantineSafe)
{
    /// <summary>
    /// True when two envelopes that contradict each other cannot both pass while mediators of this weight sign both: 2 quorum - W
    /// is greater.
    /// </summary>
    /// <param name="lying">Weight that signs anything, 0 or more.</param>
    public bool Withstands(int lying)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lying);
        return SharedWeight > lying;
    }

    /// <summary>Plain sentences for an operator, one each.</summary>
    public IReadOnlyList<string> Explain() =>
    [
        $"Total weight {TotalWeight}, quorum {Quorum}.",
        $"Up to weight {WeightThatMayLie} may lie: it takes {Mediators(MediatorsThatCanForge)} at least to pass an envelope.",
        $"Up to weight {WeightThatMayBeDown} may be down: it takes {Mediators(MediatorsThatCanBlock)} at least to stop all traffic.",
        SharedWeight > 0
            ? $"Any two quorums share weight {SharedWeight} at least: less cannot stand behind two envelopes that contradict each other."
            : "Two quorums may share nobody: mediators that never meet can pass two envelopes that contradict each other.",
        IsByzantineSafe
            ? "The quorum is above two thirds of the weight: two quorums always share an honest mediator while less than a third lies."
            : "The quorum is not above two thirds of the weight: a third that lies can stand behind two different envelopes.",
    ];

    private static string Mediators(int count) => count == 1 ? "1 mediator" : $"{count} mediators";
}
