using System.Collections.Immutable;
using Relay.Protocol.Envelopes;

namespace Relay.Protocol.Sealing;

/// <summary>What the sender said, with every check held.</summary>
/// <param name="Id">The envelope that carried it.</param>
/// <param name="Audience">Whom it was said to.</param>
/// <param name="ContentType">Media type of the body.</param>
/// <param name="Body">The body; secret, so the holder wipes it when done.</param>
/// <param name="SignerKeyId">Identity key that signed.</param>
public sealed record Statement(EnvelopeId Id, ImmutableArray<string> Audience, string ContentType, byte[] Body, string SignerKeyId)
{
    /// <summary>The statement as signed: compact JWS with detached payload, which is the body (RFC 7515 appendix F).</summary>
    public required byte[] Jws { get; init; }

    /// <summary>
    /// The random 32 bytes of the commitment. With <see cref="Jws"/> and the body they show anyone that this
    /// envelope said this, after every key is gone: see <see cref="ContentOpener.TryCheck"/>.
    /// </summary>
    public required byte[] Opening { get; init; }
}
