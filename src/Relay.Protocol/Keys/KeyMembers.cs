namespace Relay.Protocol.Keys;

/// <summary>
/// A public key as a vault hands it over, member by member (RFC 7518 section 6). Nothing of it is
/// checked yet: <see cref="PublicJwk.TryCreate(KeyMembers, string?, out PublicJwk?, out string)"/> does.
/// </summary>
/// <remarks>Relay and delegations read vaults with the same client; what they make of an answer is decided here, once.</remarks>
public sealed record KeyMembers
{
    /// <summary><c>kty</c>: <c>EC</c> or <c>RSA</c>, or either with <c>-HSM</c> behind it.</summary>
    public required string? Type { get; init; }

    /// <summary><c>crv</c>; null for RSA.</summary>
    public string? Curve { get; init; }

    /// <summary><c>x</c>, big endian; leading zeros may be missing.</summary>
    public byte[]? X { get; init; }

    /// <summary><c>y</c>, as <see cref="X"/>.</summary>
    public byte[]? Y { get; init; }

    /// <summary><c>n</c>, big endian.</summary>
    public byte[]? Modulus { get; init; }

    /// <summary><c>e</c>, big endian.</summary>
    public byte[]? Exponent { get; init; }

    /// <summary><c>key_ops</c>; none says nothing, and then everything is allowed (RFC 7517 section 4.3).</summary>
    public IReadOnlyCollection<string> Operations { get; init; } = [];
}
