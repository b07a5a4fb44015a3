using Relay.Core.Ledger.Store;

namespace Relay.Core.Statistics;

/// <summary>
/// What was counted of one negotiation, for whoever looks at it again and again: what has not changed since is neither read nor added up
/// again. Not safe for concurrent use.
/// </summary>
public sealed class NegotiationTallies
{
    private readonly TallyStore _store;
    private readonly string _negotiation;

    // Lines of the negotiation, empty where a stretch has none; and those that are not, in order.
    private Dictionary<CountedStretch, byte[]> _lines = [];
    private List<CountedLine> _stored = [];
    private List<(OpenMinute Minute, int Total)> _own = [];
    private long _version;

    internal NegotiationTallies(TallyStore store, string negotiation)
    {
        _store = store;
        _negotiation = negotiation;
    }

    /// <summary>When it was read; at most <see cref="TallyStore.MaxAge"/> before <see cref="ReadAsync"/>.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>False where the store could not be read, so that what other workers counted is as it was read before, or missing.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Reads what has changed.</summary>
    /// <returns>True when something is other than it was at the last time, or another minute has begun.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var look = await _store.LookAsync(cancellationToken).ConfigureAwait(false);
        var isWhole = look.IsWhole;
        var isOther = WorkerTallies.MinuteOf(look.At) != WorkerTallies.MinuteOf(At);
        if (look.Version != _version)
        {
            try
            {
                isOther |= await ReadLinesAsync(look, cancellationToken).ConfigureAwait(false);
            }
            catch (LedgerStoreException)
            {
                isWhole = false;
            }
        }

        List<(OpenMinute Minute, int Total)> own =
            [.. look.Own.Select(open => (open, open.TotalOf(_negotiation))).Where(static open => open.Item2 > 0)];
        isOther |= isWhole != IsWhole || !own.SequenceEqual(_own);
        (At, IsWhole, _own) = (look.At, isWhole, own);
        return isOther;
    }

    /// <summary>Each minute from a time on in which something was counted, from the oldest. An hour that was added up has none.</summary>
    public IReadOnlyList<(DateTimeOffset From, EnvelopeTally Tally)> Minutes(DateTimeOffset from) =>
        Sums(from, static line => line.IsHour ? null : line.From);

    /// <summary>The same by hours.</summary>
    public IReadOnlyList<(DateTimeOffset From, EnvelopeTally Tally)> Hours(DateTimeOffset from) =>
        Sums(from, static line => HourOf(line.From));

    /// <summary>When the hour of a time began.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds() / 3600 * 3600);

    private async ValueTask<bool> ReadLinesAsync(TallyLook look, CancellationToken cancellationToken)
    {
        var lines = new Dictionary<CountedStretch, byte[]>(look.Stretches.Count);
        var stored = new List<CountedLine>();
        foreach (var stretch in look.Stretches)
        {
            if (!_lines.TryGetValue(stretch, out var line))
            {
                line = LineOf(await _store.ContentAsync(stretch, cancellationToken).ConfigureAwait(false));
            }

            lines.Add(stretch, line);
            if (line.Length > 0) stored.Add(new CountedLine(stretch.From, stretch.IsHour, line));
        }

        var isSame = stored.SequenceEqual(_stored);
        (_lines, _stored, _version) = (lines, stored, look.Version);
        return !isSame;
    }

    private byte[] LineOf(ReadOnlyMemory<byte> content) => TallyText.LineOf(content.Span, _negotiation).ToArray();

    private List<(DateTimeOffset From, EnvelopeTally Tally)> Sums(DateTimeOffset from, Func<CountedLine, DateTimeOffset?> place)
    {
        var sums = new SortedDictionary<DateTimeOffset, EnvelopeTally>();
        foreach (var line in _stored)
        {
            if (place(line) is { } at && at >= from) Of(at).Add(TallyText.Read(line.Line));
        }

        foreach (var (open, _) in _own)
        {
            var minute = new CountedLine(WorkerTallies.StartOf(open.Minute), false, []);
            if (place(minute) is { } at && at >= from) open.AddTo(Of(at), _negotiation);
        }

        return [.. sums.Select(static pair => (pair.Key, pair.Value))];

        EnvelopeTally Of(DateTimeOffset at)
        {
            if (!sums.TryGetValue(at, out var sum)) sums.Add(at, sum = new EnvelopeTally());
            return sum;
        }
    }

    private readonly record struct CountedLine(DateTimeOffset From, bool IsHour, byte[] Line)
    {
        public bool Equals(CountedLine other) =>
            From == other.From && IsHour == other.IsHour && (Line == other.Line || Line.AsSpan().SequenceEqual(other.Line));

        public override int GetHashCode() => From.GetHashCode();
    }
}
