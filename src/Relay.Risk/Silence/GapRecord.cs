namespace Relay.Risk.Silence;

/// <summary>
/// The longest of a party's newest gaps: at least of the newest 4,096 and of the last fourteen days, where there are so many. Bounded:
/// some eighty blocks, of each no more than how many, how long in all and the longest, and when. Not safe for concurrent use.
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
    private double _sum;
    private double _squares;

    /// <summary>Gaps that it knows of.</summary>
    public long Count { get; private set; }

    /// <summary>The longest of them; 0 while there is none.</summary>
    public double Longest { get; private set; }

    /// <summary>When the first of them began; null while there is none.</summary>
    public DateTimeOffset? Since => _blocks.First?.Value.From;

    /// <summary>Gaps a day of the time they are of; at least one, so that little is not taken for nothing.</summary>
    public double PerDay =>
        _blocks.Count == 0 ? 1 : Math.Max(1, Count / Math.Max(1e-6, (_blocks.Last!.Value.Until - _blocks.First!.Value.From).TotalDays));

    /// <summary>
    /// Part of them that are of the kind of the longest, above 0 to 1: 2 mean^2 / mean square. Where exponential gaps of mean m come with
    /// chance p, and others, much shorter, between them, their mean is p m and their mean square 2 p m^2, so this is p; of exponential
    /// ones, and of any that differ less, it is 1. Of a sender in bursts the gaps inside a burst say nothing of those between bursts.
    /// </summary>
    public double LongShare => _squares > 0 ? Math.Clamp(2 * _sum * _sum / (Count * _squares), 1.0 / Count, 1) : 1;

    /// <summary>Takes the next gap.</summary>
    /// <param name="gap">How long, in any unit, above 0.</param>
    /// <param name="from">When it began.</param>
    /// <param name="until">When it ended; not before <paramref name="from"/>.</param>
    public void Add(double gap, DateTimeOffset from, DateTimeOffset until)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gap);
        Count++;
        Longest = Math.Max(Longest, gap);
        _sum += gap;
        _squares += gap * gap;
        if (_blocks.Last is { Value: var last } && (last.Count < MinInBlock || until - last.From < BlockSpan))
        {
            _blocks.Last.Value = last with
            {
                Count = last.Count + 1,
                Longest = Math.Max(last.Longest, gap),
                Sum = last.Sum + gap,
                Squares = last.Squares + (gap * gap),
                Until = until,
            };
            return;
        }

        _blocks.AddLast(new Block(1, gap, gap, gap * gap, from, until));
        var forgotten = 0.0;
        while (_blocks.First!.Value is var first && Count - first.Count >= MinKept && until - first.Until > Span)
        {
            _blocks.RemoveFirst();
            Count -= first.Count;
            forgotten = Math.Max(forgotten, first.Longest);
        }

        if (forgotten == 0) return;
        // Added anew: what a long gap has rounded away does not come back by taking that off.
        _sum = _blocks.Sum(static block => block.Sum);
        _squares = _blocks.Sum(static block => block.Squares);
        if (forgotten >= Longest) Longest = _blocks.Max(static block => block.Longest);
    }

    private readonly record struct Block(
        long Count, double Longest, double Sum, double Squares, DateTimeOffset From, DateTimeOffset Until);
}
