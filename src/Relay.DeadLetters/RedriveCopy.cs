namespace Relay.DeadLetters;

/// <summary>A message to be put back where it came off.</summary>
/// <param name="Body">The envelope, byte for byte as it was.</param>
/// <param name="Marker">Goes with it.</param>
/// <param name="ExpiresAt">When the bus may forget it; null for the entity's own time.</param>
/// <param name="Label">Goes with it too; null on a queue.</param>
internal sealed record RedriveCopy(ReadOnlyMemory<byte> Body, RedriveMarker Marker, DateTimeOffset? ExpiresAt, ForwardedLabel? Label);
