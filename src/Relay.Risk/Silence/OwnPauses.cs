namespace Relay.Risk.Silence;

/// <summary>
/// When whoever watches stood still itself, or could not have heard anybody: no party is to blame for that time. Bounded: the newest 256.
/// Not safe for concurrent use.
/// </summary>
public sealed class OwnPauses
{
    private const int MaxKept = 256;

    private readonly LinkedList<(DateTimeOffset From, DateTimeOffset Until)> _pauses = new();

    /// <summary>Takes a pause, in the order in which they end; what of it is known already counts once.</summary>
    /// <param name="from">Its beginning.</param>
    /// <param name="until">Its end; nothing is taken where it is not after the beginning.</param>
    public void Add(DateTimeOffset from, DateTimeOffset until)
    {
        if (until <= from) return;
        if (_pauses.Last is { Value: var last } && from <= last.Until)
        {
            if (until > last.Until) _pauses.Last.Value = (last.From, until);
            return;
        }

        _pauses.AddLast((from, until));
        if (_pauses.Count > MaxKept) _pauses.RemoveFirst();
    }

    /// <summary>The time between two moments without the pauses in it; zero where they are in the wrong order.</summary>
    public TimeSpan Awake(DateTimeOffset from, DateTimeOffset until)
    {
        if (until <= from) return TimeSpan.Zero;
        var awake = until - from;
        for (var node = _pauses.Last; node is not null && node.Value.Until > from; node = node.Previous)
        {
            var begin = node.Value.From > from ? node.Value.From : from;
            var end = node.Value.Until < until ? node.Value.Until : until;
            if (end > begin) awake -= end - begin;
        }

        return awake;
    }
}
