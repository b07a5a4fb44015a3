using Microsoft.Extensions.Logging;
using Relay.Core.Diagnostics;
using Relay.Core.Ledger.Store;

namespace Relay.Core.Statistics;

/// <summary>
/// Keeps what workers count in small blobs, one a worker and minute, and reads all of them together. What is counted costs a write each
/// <see cref="SaveEvery"/> and worker while something is, none a message. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A worker that dies loses what it counted since it last wrote. Minutes are added up to hours a good hour after, by whichever worker's
/// timer comes first; a crash in between leaves both, and then the hour counts alone.
/// </remarks>
public sealed class TallyStore : IDisposable
{
    /// <summary>How often a worker writes what it has counted since: 5 s.</summary>
    public static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(5);

    /// <summary>How old what is read may be, however many ask: 1 s.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    /// <summary>How long hours are kept: 8 days.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(8);

    /// <summary>How long after its end an hour is added up: 61 minutes, so that the last hour can be had by minutes.</summary>
    public static readonly TimeSpan FoldAfter = TimeSpan.FromMinutes(61);

    /// <summary>
    /// How often a minute of another worker's that is over is read again until it changes no more, for a worker to which the store was
    /// away writes it later: 1 min.
    /// </summary>
    public static readonly TimeSpan LateEvery = TimeSpan.FromMinutes(1);

    /// <summary>Contents that change no more, kept for whoever begins to look: 16 MiB.</summary>
    public const long MaxKeptBytes = 16 * 1024 * 1024;

    // Minutes for which a worker may be late, this one and the last among them.
    private const int LateMinutes = 15;

    private readonly ILedgerStore _store;
    private readonly WorkerTallies _own;
    private readonly TimeProvider _time;
    private readonly ILogger<TallyStore> _logger;
    private readonly long _maxKeptBytes;

    // One at a time reads; the others take what it has read. Owns the fields below.
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly Dictionary<string, CountedStretch> _known = new(StringComparer.Ordinal);
    private long _keptBytes;
    private long _version;
    private TallyLook? _look;
    private long _lookedAt;

    // One at a time writes. Owns the field below.
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<long, string> _etags = [];

    internal TallyStore(
        ILedgerStore store, WorkerTallies own, TimeProvider time, ILogger<TallyStore> logger, long maxKeptBytes = MaxKeptBytes)
    {
        _maxKeptBytes = maxKeptBytes;
        _store = store;
        _own = own;
        _time = time;
        _logger = logger;
    }

    /// <summary>Writes what was counted since the last time; what cannot be written now is with the next.</summary>
    /// <exception cref="LedgerStoreException">The store does not answer, or took something else: up to 15 minutes are kept.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var minute in _own.Minutes)
            {
                if (_own.Unstored(minute) is { } counted)
                {
                    await PutAsync(minute.Minute, counted.Content, cancellationToken).ConfigureAwait(false);
                    _own.Stored(minute, counted.Version);
                }

                if (_own.TryForget(minute)) _etags.Remove(minute.Minute);
            }
        }
        catch (LedgerStoreException)
        {
            // Those that are too old go all the same.
            foreach (var minute in _own.Minutes) _own.TryForget(minute);
            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>What is counted of a negotiation, to be read as often as one likes.</summary>
    /// <param name="negotiation">A name that keeps the rule of names.</param>
    public NegotiationTallies Of(string negotiation) => new(this, negotiation);

    /// <summary>What is counted of all negotiations in the last hour, to be read as often as one likes.</summary>
    public HourTallies OfAll() => new(this, _own.Worker);

    /// <summary>All that is counted, at most <see cref="MaxAge"/> ago.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal async ValueTask<TallyLook> LookAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_look is { } look && _time.GetElapsedTime(_lookedAt) < MaxAge) return look;
            look = await ReadAsync(cancellationToken).ConfigureAwait(false);
            (_look, _lookedAt) = (look, _time.GetTimestamp());
            return look;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>What a stretch says; empty of one that is damaged or gone.</summary>
    /// <exception cref="LedgerStoreException">The store cannot be read now.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    internal async ValueTask<ReadOnlyMemory<byte>> ContentAsync(CountedStretch stretch, CancellationToken cancellationToken)
    {
        if (stretch.Content is { } known) return known;
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (stretch.Content is { } read) return read;
            var content = await GetAsync(stretch.Name, cancellationToken).ConfigureAwait(false) ?? [];
            if (_keptBytes + content.Length > _maxKeptBytes || _known.GetValueOrDefault(stretch.Name) != stretch) return content;
            _keptBytes += content.Length;
            stretch.Content = content;
            return content;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Adds up the minutes of hours that are long over, and lets go of hours that are older than <see cref="Kept"/>.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; the next round begins anew.</exception>
    public async Task FoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = _time.GetUtcNow();
            var minutes = new SortedDictionary<long, List<string>>();
            foreach (var name in await ListAsync(cancellationToken).ConfigureAwait(false))
            {
                if (TallyPaths.TryMinute(name, out var minute, out _))
                {
                    var hour = minute / 60;
                    if (StartOf(hour + 1) + FoldAfter > now) continue;
                    if (!minutes.TryGetValue(hour, out var names)) minutes.Add(hour, names = []);
                    names.Add(name);
                }
                else if (TallyPaths.TryHour(name, out var hour) && StartOf(hour) + Kept < now)
                {
                    await _store.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
                }
            }

            foreach (var (hour, names) in minutes) await FoldAsync(hour, names, cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerStoreException e)
        {
            RelayLog.TalliesNotFolded(_logger, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reading.Dispose();
        _writing.Dispose();
    }

    private async ValueTask FoldAsync(long hour, List<string> names, CancellationToken cancellationToken)
    {
        var sum = new TallyWindow();
        foreach (var name in names)
        {
            if (await GetAsync(name, cancellationToken).ConfigureAwait(false) is not { } content) continue;
            TallyText.TryAdd(content, sum);
        }

        // Where there is one already, another worker was here and has not come to take the minutes away.
        await _store.PutIfAbsentAsync(TallyPaths.Hour(hour), TallyText.Write(sum), cancellationToken).ConfigureAwait(false);
        foreach (var name in names) await _store.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask PutAsync(long minute, byte[] content, CancellationToken cancellationToken)
    {
        var name = TallyPaths.Minute(minute, _own.Worker);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var put = _etags.TryGetValue(minute, out var etag)
                ? await _store.PutIfMatchAsync(name, content, etag, cancellationToken).ConfigureAwait(false)
                : await _store.PutIfAbsentAsync(name, content, cancellationToken).ConfigureAwait(false);
            if (put.Stored)
            {
                _etags[minute] = put.ETag!;
                return;
            }

            // Nobody else writes it: an answer of ours was lost.
            var stored = await _store.GetAsync(name, cancellationToken).ConfigureAwait(false);
            if (stored is null) _etags.Remove(minute);
            else _etags[minute] = stored.ETag;
        }

        throw new LedgerStoreException($"expected to be the only one who writes '{name}', another does");
    }

    private async ValueTask<TallyLook> ReadAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        // Ours first: what is forgotten after this is in the store and listed below.
        var own = _own.Minutes;
        try
        {
            var names = await ListAsync(cancellationToken).ConfigureAwait(false);
            var stretches = await StretchesAsync(names, own, now, cancellationToken).ConfigureAwait(false);
            if (_look is not { } look || !look.Stretches.SequenceEqual(stretches)) _version++;
            return new TallyLook(now, WorkersOf(names, now), true, _version, stretches, own);
        }
        catch (LedgerStoreException)
        {
            var before = _look?.Stretches ?? [];
            return new TallyLook(now, WorkersOf(before.Select(static stretch => stretch.Name), now), false, _version, before, own);
        }
    }

    private int WorkersOf(IEnumerable<string> names, DateTimeOffset now)
    {
        var first = WorkerTallies.MinuteOf(now) - 1;
        var workers = new HashSet<string>(StringComparer.Ordinal) { _own.Worker };
        foreach (var name in names)
        {
            if (TallyPaths.TryMinute(name, out var minute, out var worker) && minute >= first) workers.Add(worker);
        }

        return workers.Count;
    }

    private async ValueTask<List<CountedStretch>> StretchesAsync(
        List<string> names, IReadOnlyList<OpenMinute> own, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var gone in _known.Keys.Except(names).ToList()) Forget(_known[gone]);
        var current = WorkerTallies.MinuteOf(now);
        var stretches = new List<CountedStretch>();
        var folded = new HashSet<long>();
        foreach (var name in names)
        {
            if (!TallyPaths.TryHour(name, out var hour)) continue;
            folded.Add(hour);
            stretches.Add(Settled(name, StartOf(hour), true));
        }

        foreach (var name in names)
        {
            if (!TallyPaths.TryMinute(name, out var minute, out var worker) || folded.Contains(minute / 60)) continue;
            var isOurs = worker == _own.Worker;
            if (isOurs && own.Any(open => open.Minute == minute)) continue;
            // A minute of ours that is over and no longer kept is in the store as it stays.
            var isSettled = minute < current - LateMinutes || (minute < current && isOurs);
            var stretch = isSettled
                ? Settled(name, WorkerTallies.StartOf(minute), false)
                : await UnsettledAsync(name, minute, current, cancellationToken).ConfigureAwait(false);
            if (stretch is not null) stretches.Add(stretch);
        }

        return stretches;
    }

    private CountedStretch Settled(string name, DateTimeOffset from, bool isHour)
    {
        if (_known.TryGetValue(name, out var known))
        {
            if (known.IsSettled) return known;
            // It may have been written once more since it was read.
            Forget(known);
        }

        var stretch = new CountedStretch(name, from, isHour) { IsSettled = true };
        _known.Add(name, stretch);
        return stretch;
    }

    // Null for what is gone meanwhile, and for what is damaged.
    private async ValueTask<CountedStretch?> UnsettledAsync(string name, long minute, long current, CancellationToken cancellationToken)
    {
        var known = _known.GetValueOrDefault(name);
        var isOver = minute < current - 1;
        if (known is { IsReadLate: true } && _time.GetElapsedTime(known.ReadAt) < LateEvery) return known;
        var at = _time.GetTimestamp();
        var content = await GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (known is not null)
        {
            if (content is not null && content.AsSpan().SequenceEqual(known.Content))
            {
                (known.ReadAt, known.IsReadLate) = (at, isOver);
                return known;
            }

            Forget(known);
        }

        if (content is null) return null;
        var stretch = new CountedStretch(name, WorkerTallies.StartOf(minute), false)
        {
            Content = content,
            ReadAt = at,
            IsReadLate = isOver,
        };
        _known.Add(name, stretch);
        return stretch;
    }

    private void Forget(CountedStretch stretch)
    {
        _known.Remove(stretch.Name);
        if (stretch is { IsSettled: true, Content: { } content }) _keptBytes -= content.Length;
    }

    // Null for what is gone meanwhile, and for what is damaged.
    private async ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellationToken)
    {
        if (await _store.GetAsync(name, cancellationToken).ConfigureAwait(false) is not { } blob) return null;
        if (blob.Intact && TallyText.TryAdd(blob.Content.Span, new EnvelopeTally())) return blob.Content.ToArray();
        RelayLog.TallyDamaged(_logger, name);
        return null;
    }

    private async ValueTask<List<string>> ListAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var name in _store.ListAsync(TallyPaths.Folder, cancellationToken).ConfigureAwait(false)) names.Add(name);
        return names;
    }

    private static DateTimeOffset StartOf(long hour) => DateTimeOffset.FromUnixTimeSeconds(hour * 3600);
}
