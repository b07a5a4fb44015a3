namespace Relay.DeadLetters;

/// <summary>A message to be put back on its queue.</summary>
/// <param name="Body">The envelope, byte for byte as it was.</param>
/// <param name="Marker">Goes with it.</param>
/// <param name="ExpiresAt">When the bus may forget it; null for the queue's own time.</param>
internal sealed record RedriveCopy(ReadOnlyMemory<byte> Body, RedriveMarker Marker, DateTimeOffset? ExpiresAt);
