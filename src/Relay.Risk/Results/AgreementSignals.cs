using System.Collections.Immutable;

namespace Relay.Risk.Results;

/// <summary>How far the mediators agree, of the envelopes in the window.</summary>
/// <param name="MeanShare">
/// Mean part of the whole weight that vouched, 0 to 1. The relay stops counting at the quorum, so it is seldom more.
/// </param>
/// <param name="LeastShare">Smallest part that did.</param>
/// <param name="ShareDeviation">Standard deviation of that part over the envelopes; 0 when always as many vouch.</param>
/// <param name="Mediators">Each mediator of the newest document, by name.</param>
public sealed record AgreementSignals(
    double? MeanShare, double? LeastShare, double? ShareDeviation, ImmutableArray<MediatorSignals> Mediators);
