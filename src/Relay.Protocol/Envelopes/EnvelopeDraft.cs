using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>What a sender decides about an envelope before its head's bytes exist; see <see cref="SealedEnvelope.Create"/>.</summary>
public sealed record EnvelopeDraft
{
    /// <summary>Id with the stream's next sequence.</summary>
    public required EnvelopeId Id { get; init; }

    /// <summary>1 to 64 distinct delegations, without the sender; kept in this order.</summary>
    public required IReadOnlyList<string> Audience { get; init; }

    /// <summary>Digest of the stream's previous envelope; null exactly when the sequence is 1.</summary>
    public Digest? Previous { get; init; }

    /// <summary>When the sender wrote it; whole seconds, the rest is cut off.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Embargo: not delivered before; null for none.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Not delivered after; later than <see cref="IssuedAt"/> by at most 30 days.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Newest checkpoint the sender has verified; null when none.</summary>
    public SeenCheckpoint? Seen { get; init; }

    /// <summary>The JWE in JSON serialization (UTF-8); the head names it by its hash.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }
}
