using System.Collections.Immutable;
using Relay.Protocol.Keys;

namespace Relay.Protocol.Ledger;

/// <summary>A bundle of prekeys before it is signed.</summary>
public sealed record PrekeyBundleDraft
{
    /// <summary>The negotiation it is for.</summary>
    public required string Negotiation { get; init; }

    /// <summary>Greater than that of any bundle before, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>From when; parts of seconds are cut.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>
    /// Until when senders may seal to its keys: after <see cref="IssuedAt"/> by at most <see cref="PrekeyBundle.MaxLifetime"/>.
    /// </summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>
    /// The session key, <c>kid</c> <see cref="PrekeyBundle.SessionKeyId"/>, on P-256 or of kind <see cref="JwkKind.MlKem768P256"/>; all
    /// keys are of one kind.
    /// </summary>
    public required PublicJwk Session { get; init; }

    /// <summary>
    /// One-time keys, <c>kid</c> <see cref="PrekeyBundle.OneTimeKeyId"/> with consecutive ids; at most
    /// <see cref="PrekeyBundle.MaxOneTime"/>.
    /// </summary>
    public required ImmutableArray<PublicJwk> OneTime { get; init; }
}
