using System.Collections.Immutable;
using Relay.Core.Admission;
using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Ledger.Rules;

/// <summary>An admitted envelope that asks to be logged. Immutable.</summary>
/// <param name="Head">The envelope's head.</param>
/// <param name="Wire">Its bytes as they came.</param>
/// <param name="Mediators">Mediators that counted, in byte order.</param>
/// <param name="Policy">The negotiation document it was judged by.</param>
public sealed record Candidate(EnvelopeHead Head, ReadOnlyMemory<byte> Wire, ImmutableArray<string> Mediators, PolicyState Policy)
{
    /// <summary>See <see cref="LedgerLimits.ReachOf"/>.</summary>
    public int Reach { get; init; } = LedgerLimits.HeldPerStream;

    /// <summary>The envelope's id.</summary>
    public EnvelopeId Id => Head.Id;

    /// <summary>Takes what the commit needs of an admitted envelope.</summary>
    public static Candidate Of(AdmittedEnvelope admitted)
    {
        ArgumentNullException.ThrowIfNull(admitted);
        var document = admitted.Document;
        return new Candidate(
            admitted.Envelope.Head,
            admitted.Envelope.Wire,
            admitted.Quorum.Counted,
            new PolicyState(document.Version, document.PolicyDigest))
        {
            Reach = LedgerLimits.ReachOf(document.Delegations.Count),
        };
    }

    internal HeldContent ToHeld() => new(Mediators, Policy, Wire);
}
