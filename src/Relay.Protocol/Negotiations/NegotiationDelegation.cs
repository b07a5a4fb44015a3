using System.Collections.Immutable;
using Relay.Protocol.Keys;

namespace Relay.Protocol.Negotiations;

/// <summary>A delegation as the negotiation document has it.</summary>
public sealed class NegotiationDelegation
{
    internal NegotiationDelegation()
    {
    }

    /// <summary>Name, see <see cref="Envelopes.RelayName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Its Service Bus topic, <c>delegation-*</c>.</summary>
    public required string Topic { get; init; }

    /// <summary>Keys that sign its statements; empty when none is published.</summary>
    public required ImmutableArray<IdentityKey> IdentityKeys { get; init; }

    /// <summary>
    /// Public P-256 keys that senders seal to, <c>kid</c> <c>{delegation}#enc-{number}</c>,
    /// preferred first; empty when none is published. Never a key
    /// that also signs.
    /// </summary>
    public required ImmutableArray<PublicJwk> EncryptionKeys { get; init; }

    /// <summary>Who may read for it over HTTP.</summary>
    public required ImmutableArray<CallerName> Callers { get; init; }

    /// <summary>Its token bucket; null for the relay's default.</summary>
    public required RateLimit? Rate { get; init; }
}
