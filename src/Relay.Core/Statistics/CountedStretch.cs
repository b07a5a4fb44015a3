namespace Relay.Core.Statistics;

/// <summary>What was counted in a minute by one worker, or in an hour by all.</summary>
/// <param name="From">When it begins.</param>
/// <param name="IsHour">An hour; else a minute.</param>
/// <param name="Content">As <see cref="TallyText"/> writes it.</param>
internal sealed record CountedStretch(DateTimeOffset From, bool IsHour, ReadOnlyMemory<byte> Content);
