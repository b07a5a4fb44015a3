namespace Relay.Risk.Silence;

/// <summary>
/// When whoever watches stood still itself, or could not have heard anybody: no party is to blame for that time. Bounded: the newest 256.
/// Not safe for concurrent use.
/// </summary>
public sealed class OwnPauses
{
    private const int MaxKept = 256;

    // In their order, none touching the next; Before is how long those before it were.
    private readonly List<(DateTimeOffset From, DateTimeOffset Until, TimeSpan Before)> _pauses = new(MaxKept + 1);

    /// <summary>
    /// Takes a pause, in the order in which they end, however long before those known it began; what of it is known already counts once.
    /// </summary>
    /// <param name="from">Its beginning.</param>
    /// <param name="until">Its end; nothing is taken where it is not after the beginning.</param>
    public void Add(DateTimeOffset from, DateTimeOffset until)
    {
        if (until <= from) return;
        while (_pauses is [.., var within] && within.From >= from)
        {
            if (within.Until > until) until = within.Until;
            _pauses.RemoveAt(_pauses.Count - 1);
        }

        if (_pauses is not [.., var last]) _pauses.Add((from, until, TimeSpan.Zero));
        else if (from > last.Until) _pauses.Add((from, until, last.Before + (last.Until - last.From)));
        else if (until > last.Until) _pauses[^1] = last with { Until = until };
        if (_pauses.Count > MaxKept) _pauses.RemoveAt(0);
    }

    /// <summary>The time between two moments without the pauses in it; zero where they are in the wrong order.</summary>
    public TimeSpan Awake(DateTimeOffset from, DateTimeOffset until) =>
        until <= from ? TimeSpan.Zero : until - from - (Before(until) - Before(from));

    // How long it stood still before a moment, as far as is known.
    private TimeSpan Before(DateTimeOffset moment)
    {
        var (low, high) = (0, _pauses.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_pauses[middle].From < moment) low = middle + 1;
            else high = middle;
        }

        if (low == 0) return _pauses is [var first, ..] ? first.Before : TimeSpan.Zero;
        var pause = _pauses[low - 1];
        return pause.Before + ((pause.Until < moment ? pause.Until : moment) - pause.From);
    }
}
