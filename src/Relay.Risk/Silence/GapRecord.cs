namespace Relay.Risk.Silence;

/// <summary>
/// The longest of a party's newest gaps: at least of the newest 4,096 and of the last fourteen days, where there are so many. Bounded:
/// some eighty blocks, of each no more than how many, how long the longest, and when. Not safe for concurrent use.
/// </summary>
public sealed class GapRecord
{
    /// <summary>Newest gaps that are never forgotten: 4,096.</summary>
    public const int MinKept = 4096;

    /// <summary>Gaps of the last fourteen days are never forgotten: nights and weekends are part of a rhythm.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromDays(14);

    // A block takes a day's gaps, and 64 where a day has fewer.
    private const int MinInBlock = 64;
    private static readonly TimeSpan BlockSpan = TimeSpan.FromDays(1);

    private readonly LinkedList<Block> _blocks = new();

    /// <summary>Gaps that it knows of.</summary>
    public long Count { get; private set; }

    /// <summary>The longest of them; 0 while there is none.</summary>
    public double Longest { get; private set; }

    /// <summary>When the first of them began; null while there is none.</summary>
    public DateTimeOffset? Since => _blocks.First?.Value.From;

    /// <summary>Gaps a day of the time they are of; at least one, so that little is not taken for nothing.</summary>
    public double PerDay =>
        _blocks.Count == 0 ? 1 : Math.Max(1, Count / Math.Max(1e-6, (_blocks.Last!.Value.Until - _blocks.First!.Value.From).TotalDays));

    /// <summary>Takes the next gap.</summary>
    /// <param name="gap">How long, in any unit, above 0.</param>
    /// <param name="from">When it began.</param>
    /// <param name="until">When it ended; not before <paramref name="from"/>.</param>
    public void Add(double gap, DateTimeOffset from, DateTimeOffset until)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gap);
        Count++;
        Longest = Math.Max(Longest, gap);
        if (_blocks.Last is { Value: var last } && (last.Count < MinInBlock || until - last.From < BlockSpan))
        {
            _blocks.Last.Value = last with { Count = last.Count + 1, Longest = Math.Max(last.Longest, gap), Until = until };
            return;
        }

        _blocks.AddLast(new Block(1, gap, from, until));
        var forgotten = 0.0;
        while (_blocks.First!.Value is var first && Count - first.Count >= MinKept && until - first.Until > Span)
        {
            _blocks.RemoveFirst();
            Count -= first.Count;
            forgotten = Math.Max(forgotten, first.Longest);
        }

        if (forgotten >= Longest) Longest = _blocks.Max(static block => block.Longest);
    }

    private readonly record struct Block(long Count, double Longest, DateTimeOffset From, DateTimeOffset Until);
}
