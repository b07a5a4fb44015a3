using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Core.Forwarding;

/// <summary>
/// One envelope on its way to one topic. Nothing in it comes from the inbound message but the signed bytes and the trace context.
/// </summary>
/// <param name="Topic">A valid <see cref="Directory.DelegationTopic"/>.</param>
/// <param name="Body">The JWS bytes that were signed.</param>
/// <param name="Id">Envelope id.</param>
/// <param name="Digest">Digest of the head; the message id, so that the
/// topic's duplicate detection takes out the relay's own resends.</param>
/// <param name="Index">Ledger index.</param>
/// <param name="Receipt">The receipt: tlog-proof text, UTF-8.</param>
/// <param name="TimeToLive">What is left until the envelope's <c>exp</c>; positive.</param>
/// <param name="TraceParent">W3C trace parent; null for none.</param>
public sealed record OutboundEnvelope(
    string Topic,
    ReadOnlyMemory<byte> Body,
    EnvelopeId Id,
    Digest Digest,
    long Index,
    ReadOnlyMemory<byte> Receipt,
    TimeSpan TimeToLive,
    string? TraceParent);
