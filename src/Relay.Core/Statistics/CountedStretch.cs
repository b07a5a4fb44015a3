namespace Relay.Core.Statistics;

/// <summary>
/// What the store has of a minute of one worker, or of an hour of all. The same object for as long as it says the same.
/// </summary>
/// <param name="name">Name of its blob.</param>
/// <param name="from">When it begins.</param>
/// <param name="isHour">An hour; else a minute.</param>
internal sealed class CountedStretch(string name, DateTimeOffset from, bool isHour)
{
    public string Name => name;

    public DateTimeOffset From => from;

    public bool IsHour => isHour;

    /// <summary>It changes no more.</summary>
    public bool IsSettled { get; init; }

    /// <summary>When it was read, by the clock's timestamp; of one that is not settled.</summary>
    public long ReadAt { get; set; }

    /// <summary>It was read when its minute and the next were over already, so that only a worker that is late writes it again.</summary>
    public bool IsReadLate { get; set; }

    /// <summary>As <see cref="TallyText"/> writes it, empty of a damaged one; null where it is not kept.</summary>
    public byte[]? Content { get; set; }
}
