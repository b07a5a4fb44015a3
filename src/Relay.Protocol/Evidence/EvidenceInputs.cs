using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Evidence;

/// <summary>What a judge brings along, from sources that it trusts: keys, and documents beside the one in the file.</summary>
/// <param name="FindRelayKey">The relay's vault key of this identifier, or null when it is not known as one.</param>
/// <param name="FindMediatorKey">A mediator's key that was good at that time; null when it is not at hand, or was not good then.</param>
/// <param name="FindDocument">The negotiation document of this digest; null when it is not at hand.</param>
public sealed record EvidenceInputs(
    Func<KeyIdentifier, VerificationKey?> FindRelayKey,
    Func<KeyIdentifier, DateTimeOffset, VerificationKey?> FindMediatorKey,
    Func<Digest, NegotiationDocument?> FindDocument)
{
    /// <summary>The relay's keys alone: enough for every lie that needs no document.</summary>
    public static EvidenceInputs Of(Func<KeyIdentifier, VerificationKey?> findRelayKey) =>
        new(findRelayKey, static (_, _) => null, static _ => null);
}
