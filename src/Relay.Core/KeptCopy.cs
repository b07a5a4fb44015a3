using Relay.Core.Rulings;

namespace Relay.Core;

/// <summary>What became of a copy below quorum whose signatures were kept.</summary>
/// <param name="Whole">The envelope with a quorum's signatures, now that it has them; null while it has not.</param>
/// <param name="Ruling">
/// Null when it is whole; else that it is kept (<see cref="Verdict.Pending"/>), known (<see cref="Verdict.Duplicate"/>), or why not.
/// </param>
/// <param name="DueAt">Its embargo, while that lasts; else null.</param>
public sealed record KeptCopy(ReadOnlyMemory<byte>? Whole, Ruling? Ruling, DateTimeOffset? DueAt);
