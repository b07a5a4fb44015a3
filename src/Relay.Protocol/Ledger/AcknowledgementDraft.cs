using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>What a delegation says of an envelope, before it is signed.</summary>
public sealed record AcknowledgementDraft
{
    /// <summary>The envelope.</summary>
    public required EnvelopeId Id { get; init; }

    /// <summary>Its digest.</summary>
    public required Digest Digest { get; init; }

    /// <summary>
    /// Null when it was opened; else the code of what was wrong, 1 to <see cref="Acknowledgement.MaxReasonLength"/> of [a-z0-9] and single
    /// hyphens between them.
    /// </summary>
    public required string? Reason { get; init; }

    /// <summary>When; parts of seconds are cut.</summary>
    public required DateTimeOffset IssuedAt { get; init; }
}
