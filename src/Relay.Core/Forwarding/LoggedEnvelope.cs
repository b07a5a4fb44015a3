using Relay.Protocol.Envelopes;

namespace Relay.Core.Forwarding;

/// <summary>An envelope that is in the ledger and is to be forwarded. Immutable.</summary>
/// <param name="Head">Its head.</param>
/// <param name="Wire">Its bytes as they came.</param>
/// <param name="ContentLength">Bytes of its content, as sealed.</param>
/// <param name="Index">Ledger index.</param>
/// <param name="Receipt">The receipt: tlog-proof text, UTF-8.</param>
public sealed record LoggedEnvelope(
    EnvelopeHead Head, ReadOnlyMemory<byte> Wire, int ContentLength, long Index, ReadOnlyMemory<byte> Receipt)
{
    /// <summary>The envelope's id.</summary>
    public EnvelopeId Id => Head.Id;
}
