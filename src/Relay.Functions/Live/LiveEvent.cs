namespace Relay.Functions.Live;

/// <summary>How stats stood at one moment, written once for all who look.</summary>
/// <param name="Id">Names what they say but for the moment: the same from any worker has the same id. 43 characters, base64url.</param>
/// <param name="Frame">The event as it is sent: <c>id</c>, <c>event: stats</c>, one line of <c>data</c>, an empty line; UTF-8.</param>
public sealed record LiveEvent(string Id, ReadOnlyMemory<byte> Frame);
