using System.Text;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Text;

namespace Relay.Core.Statistics;

/// <summary>
/// What was counted of all negotiations in the last hour, for whoever looks at it again and again: of what has changed only the lines
/// that did are added up again. Not safe for concurrent use.
/// </summary>
public sealed class HourTallies
{
    private const int MinutesSummed = 60;

    private readonly TallyStore _store;
    private readonly string _worker;

    // What is in the sums below, by the name that its blob has or will have.
    private readonly Dictionary<string, Summed> _summed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, EnvelopeTally> _minutes = [];
    private readonly Dictionary<string, EnvelopeTally> _negotiations = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private EnvelopeTally _all = new();

    internal HourTallies(TallyStore store, string worker)
    {
        _store = store;
        _worker = worker;
    }

    /// <summary>When it was read; at most <see cref="TallyStore.MaxAge"/> before <see cref="ReadAsync"/>.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>Workers that counted something in this minute or the one before, at least the one that answers.</summary>
    public int Workers { get; private set; }

    /// <summary>False where the store could not be read, so that what other workers counted is as it was read before, or missing.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>All of the last 60 minutes and what has passed of this one, but for ends of embargoes.</summary>
    public EnvelopeTally All => _all;

    /// <summary>Of those the minutes in which something was counted, from the oldest.</summary>
    public IEnumerable<(DateTimeOffset From, EnvelopeTally Tally)> Minutes =>
        _minutes.Select(static pair => (WorkerTallies.StartOf(pair.Key), pair.Value));

    /// <summary>The same by negotiation.</summary>
    public IReadOnlyDictionary<string, EnvelopeTally> Negotiations => _negotiations;

    /// <summary>Negotiations whose sum is other, or gone, since this was asked the last time.</summary>
    public IReadOnlyCollection<string> TakeChanged()
    {
        string[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    /// <summary>Reads what has changed, and adds it up.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        var look = await _store.LookAsync(cancellationToken).ConfigureAwait(false);
        (At, Workers, IsWhole) = (look.At, look.Workers, look.IsWhole);
        try
        {
            // What was added up and is not to be had any more cannot be taken away.
            while (!await TryReadAsync(look, cancellationToken).ConfigureAwait(false)) Clear();
        }
        catch (LedgerStoreException)
        {
            IsWhole = false;
        }
    }

    private async ValueTask<bool> TryReadAsync(TallyLook look, CancellationToken cancellationToken)
    {
        var first = WorkerTallies.MinuteOf(look.At) - MinutesSummed;
        var here = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stretch in look.Stretches)
        {
            var minute = WorkerTallies.MinuteOf(stretch.From);
            if (stretch.IsHour || minute < first) continue;
            here.Add(stretch.Name);
            if (_summed.GetValueOrDefault(stretch.Name)?.Stretch == stretch) continue;
            var content = await _store.ContentAsync(stretch, cancellationToken).ConfigureAwait(false);
            var summed = new Summed(minute, stretch, content, 0);
            if (!await TryReplaceAsync(stretch.Name, summed, cancellationToken).ConfigureAwait(false)) return false;
        }

        foreach (var open in look.Own)
        {
            if (open.Minute < first) continue;
            var name = TallyPaths.Minute(open.Minute, _worker);
            here.Add(name);
            var (content, version) = open.Read();
            if (_summed.GetValueOrDefault(name) is { Stretch: null } before && before.Version == version) continue;
            var summed = new Summed(open.Minute, null, content, version);
            if (!await TryReplaceAsync(name, summed, cancellationToken).ConfigureAwait(false)) return false;
        }

        foreach (var name in _summed.Keys.Except(here).ToList())
        {
            if (!await TryReplaceAsync(name, null, cancellationToken).ConfigureAwait(false)) return false;
        }

        return true;
    }

    // Nothing of it is done where the store cannot be read, or no more has what is to be taken away: then false.
    private async ValueTask<bool> TryReplaceAsync(string name, Summed? after, CancellationToken cancellationToken)
    {
        var before = _summed.GetValueOrDefault(name);
        var was = before?.Content ?? default;
        if (before is { Content: null, Stretch: { } stretch })
        {
            was = await _store.ContentAsync(stretch, cancellationToken).ConfigureAwait(false);
            if (Digest.Of(was.Span) != before.Said) return false;
        }

        var minute = (after ?? before)!.Minute;
        if (!_minutes.TryGetValue(minute, out var sum)) _minutes.Add(minute, sum = new EnvelopeTally());
        Replace(was, after?.Content ?? default, sum);
        if (sum.Total == 0) _minutes.Remove(minute);
        if (after is null) _summed.Remove(name);
        else _summed[name] = IsReadAgain(after) ? after with { Content = null, Said = Digest.Of(after.Content!.Value.Span) } : after;
        return true;
    }

    // What is in the store to stay is read again when it is to be taken away, unless it is kept there anyway.
    private static bool IsReadAgain(Summed summed) => summed.Stretch is { IsSettled: true, Content: null };

    private void Clear()
    {
        _changed.UnionWith(_negotiations.Keys);
        _summed.Clear();
        _minutes.Clear();
        _negotiations.Clear();
        _all = new EnvelopeTally();
    }

    // Both are in the order of names: lines that are the same are passed by.
    private void Replace(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, EnvelopeTally minute)
    {
        var was = TallyText.LinesOf(before.Span);
        var now = TallyText.LinesOf(after.Span);
        var (hasWas, hasNow) = (was.Next(), now.Next());
        while (hasWas || hasNow)
        {
            var order = !hasWas ? 1 : !hasNow ? -1 : was.Name.SequenceCompareTo(now.Name);
            if (order != 0 || !was.Line.SequenceEqual(now.Line))
            {
                if (order <= 0) Add(was, -1, minute);
                if (order >= 0) Add(now, 1, minute);
            }

            if (order <= 0) hasWas = was.Next();
            if (order >= 0) hasNow = now.Next();
        }
    }

    private void Add(in TallyLines lines, int times, EnvelopeTally minute)
    {
        var tally = TallyText.Read(lines.Line);
        var name = Encoding.UTF8.GetString(lines.Name);
        if (!_negotiations.TryGetValue(name, out var sum)) _negotiations.Add(name, sum = new EnvelopeTally());
        sum.AddFlow(tally, times);
        minute.AddFlow(tally, times);
        _all.AddFlow(tally, times);
        if (sum.Total == 0) _negotiations.Remove(name);
        _changed.Add(name);
    }

    /// <param name="Minute">Of which.</param>
    /// <param name="Stretch">In the store; null for a minute in which this worker counts.</param>
    /// <param name="Content">What it said; null where that is read again.</param>
    /// <param name="Version">Of a minute in which this worker counts.</param>
    private sealed record Summed(long Minute, CountedStretch? Stretch, ReadOnlyMemory<byte>? Content, long Version)
    {
        /// <summary>Digest of what it said, where that is read again.</summary>
        public Digest Said { get; init; }
    }
}
