namespace Relay.Protocol.Quorum;

/// <summary>How one signature entered a <see cref="QuorumResult"/>.</summary>
/// <param name="Finding">The signature.</param>
/// <param name="Weight">What it added; 0 when it did not count.</param>
/// <param name="Reason">Why it counted or not, in words.</param>
public sealed record QuorumRow(SignatureFinding Finding, int Weight, string Reason);
