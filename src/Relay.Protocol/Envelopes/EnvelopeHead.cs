using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>
/// What mediators sign: an envelope's head, which names its content by hash. Read from its bytes, immutable;
/// the bytes are never re-serialised.
/// </summary>
public sealed class EnvelopeHead
{
    private EnvelopeHead()
    {
    }

    /// <summary>The bytes as signed (JSON).</summary>
    public ReadOnlyMemory<byte> Bytes { get; private init; }

    /// <summary>SHA-256 of <see cref="Bytes"/>: the envelope's digest, which binds its content by the hash in it.</summary>
    public Digest Digest { get; private init; }

    /// <summary><c>jti</c>.</summary>
    public EnvelopeId Id { get; private init; }

    /// <summary><c>aud</c>: 1 to 64 distinct delegations in the order written, without the sender.</summary>
    public ImmutableArray<string> Audience { get; private init; }

    /// <summary><c>prev</c>; null exactly when the sequence is 1.</summary>
    public Digest? Previous { get; private init; }

    /// <summary><c>iat</c>.</summary>
    public DateTimeOffset IssuedAt { get; private init; }

    /// <summary><c>nbf</c>; null when absent.</summary>
    public DateTimeOffset? NotBefore { get; private init; }

    /// <summary><c>exp</c>; later than <see cref="IssuedAt"/> by at most 30 days.</summary>
    public DateTimeOffset ExpiresAt { get; private init; }

    /// <summary><c>seen</c>; null when absent.</summary>
    public SeenCheckpoint? Seen { get; private init; }

    /// <summary><c>content</c>: SHA-256 of the bytes of the content.</summary>
    public Digest ContentHash { get; private init; }

    /// <summary>
    /// Reads a head's bytes, at most <see cref="EnvelopeLimits.MaxHeadBytes"/>, which are
    /// kept and must not change afterwards. Never throws on bad input.
    /// </summary>
    /// <param name="bytes">UTF-8 JSON.</param>
    /// <param name="head">Null when false.</param>
    /// <param name="fault">Why not; <see cref="EnvelopeFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came, without content; empty when true.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out EnvelopeHead? head, out EnvelopeFault fault, out string detail)
    {
        head = null;
        var reader = default(EnvelopeHeadReader);
        (fault, detail) = reader.Read(bytes.Span);
        if (fault != EnvelopeFault.None) return false;
        detail = "";
        head = new EnvelopeHead
        {
            Bytes = bytes,
            Digest = Digest.Of(bytes.Span),
            Id = reader.Id!.Value,
            Audience = reader.Audience,
            Previous = reader.Previous,
            IssuedAt = DateTimeOffset.FromUnixTimeSeconds(reader.IssuedAt!.Value),
            NotBefore = reader.NotBefore is { } notBefore ? DateTimeOffset.FromUnixTimeSeconds(notBefore) : null,
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(reader.ExpiresAt!.Value),
            Seen = reader.Seen,
            ContentHash = reader.ContentHash!.Value,
        };
        return true;
    }
}
