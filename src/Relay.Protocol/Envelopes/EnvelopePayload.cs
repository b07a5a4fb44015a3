using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>
/// What mediators sign: the payload of an envelope, as read from its bytes. Immutable; the bytes are never re-serialised.
/// </summary>
public sealed class EnvelopePayload
{
    private EnvelopePayload()
    {
    }

    /// <summary>The bytes as signed (JSON).</summary>
    public ReadOnlyMemory<byte> Bytes { get; private init; }

    /// <summary>SHA-256 of <see cref="Bytes"/>.</summary>
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

    /// <summary><c>content</c>: the JWE's JSON object, a slice of <see cref="Bytes"/>.</summary>
    public ReadOnlyMemory<byte> Content { get; private init; }

    /// <summary>Reads payload bytes, which are kept and must not change afterwards. Never throws on bad input.</summary>
    /// <param name="bytes">UTF-8 JSON.</param>
    /// <param name="payload">Null when false.</param>
    /// <param name="fault">Why not; <see cref="EnvelopeFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came, without content; empty when true.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out EnvelopePayload? payload, out EnvelopeFault fault, out string detail)
    {
        payload = null;
        var reader = default(PayloadReader);
        (fault, detail) = reader.Read(bytes.Span);
        if (fault != EnvelopeFault.None) return false;
        detail = "";
        payload = new EnvelopePayload
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
            Content = bytes[reader.Content!.Value],
        };
        return true;
    }

    /// <summary>Writes the payload of a draft.</summary>
    /// <exception cref="ArgumentException">The draft breaks a rule of the format; the message says which.</exception>
    public static EnvelopePayload Create(EnvelopeDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (!TryParse(PayloadWriter.Write(draft), out var payload, out _, out var detail))
        {
            throw new ArgumentException(detail, nameof(draft));
        }
        return payload;
    }
}
