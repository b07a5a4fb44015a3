using System.Collections.Immutable;
using Relay.Client.Prekeys;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Delegations;

/// <summary>A sealed statement, and to which keys: what its sender has to know of how long it stays closed. Immutable.</summary>
/// <param name="Envelope">The head for the mediators to sign, with its content.</param>
/// <param name="Keys">One for each addressee, in their order.</param>
public sealed record SealedStatement(SealedEnvelope Envelope, ImmutableArray<PrekeyChoice> Keys)
{
    /// <summary>True when every key serves this envelope alone: nobody opens it once it is opened.</summary>
    public bool IsForwardSecret => Keys.All(key => key.IsOneTime);
}
