using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Core.Ledger.Rules;

/// <summary>What can be acknowledged once: an envelope, by one delegation.</summary>
/// <param name="Id">The envelope.</param>
/// <param name="Delegation">The addressee.</param>
public readonly record struct AcknowledgementKey(EnvelopeId Id, string Delegation)
{
    /// <summary>The key of an acknowledgement.</summary>
    public static AcknowledgementKey Of(Acknowledgement said)
    {
        ArgumentNullException.ThrowIfNull(said);
        return new(said.Id, said.Delegation);
    }
}

/// <summary>An acknowledgement that the ledger has.</summary>
/// <param name="Index">Ledger index.</param>
/// <param name="Acknowledgement">What its entry says.</param>
public readonly record struct LoggedAcknowledgement(long Index, Acknowledgement Acknowledgement);
