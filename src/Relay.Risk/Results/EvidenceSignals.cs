namespace Relay.Risk.Results;

/// <summary>Contradictions logged in the window.</summary>
/// <param name="Equivocations">Two envelopes under one id.</param>
/// <param name="BrokenChains">An envelope that does not continue its stream.</param>
/// <param name="Forks">A sender that was shown another ledger, or says so.</param>
public sealed record EvidenceSignals(int Equivocations, int BrokenChains, int Forks);
