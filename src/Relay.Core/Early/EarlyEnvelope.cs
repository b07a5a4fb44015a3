using Relay.Protocol.Envelopes;

namespace Relay.Core.Early;

/// <summary>An envelope that is further ahead of its stream than the ledger holds, kept in memory. Immutable.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Wire">Its bytes as they came.</param>
/// <param name="TraceParent">W3C trace parent; null for none.</param>
/// <param name="ExpiresAt">Its <c>exp</c>.</param>
/// <param name="Since">Timestamp from which it is kept.</param>
public sealed record EarlyEnvelope(EnvelopeId Id, ReadOnlyMemory<byte> Wire, string? TraceParent, DateTimeOffset ExpiresAt, long Since);
