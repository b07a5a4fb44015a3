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

    // Blobs that change no more, kept so that a look costs the list and the newest minutes.
    private const int MaxCachedBytes = 16 * 1024 * 1024;

    private readonly ILedgerStore _store;
    private readonly WorkerTallies _own;
    private readonly TimeProvider _time;
    private readonly ILogger<TallyStore> _logger;

    // One at a time reads; the others take what it has read. Owns the three fields below.
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly Dictionary<string, byte[]> _settled = new(StringComparer.Ordinal);
    private TallyLook? _look;
    private long _lookedAt;

    // One at a time writes. Owns the field below.
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<long, string> _etags = [];

    internal TallyStore(ILedgerStore store, WorkerTallies own, TimeProvider time, ILogger<TallyStore> logger)
    {
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
                if (_own.Read(minute) is { } counted)
                {
                    await PutAsync(minute, counted.Content, cancellationToken).ConfigureAwait(false);
                    _own.Stored(minute, counted.Version);
                }

                if (_own.TryForget(minute)) _etags.Remove(minute);
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

    /// <summary>All that is counted, at most <see cref="MaxAge"/> ago; by this worker alone, where the store cannot be read.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask<TallyLook> LookAsync(CancellationToken cancellationToken)
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
            TallyText.TryAdd(content, null, sum);
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
        var current = WorkerTallies.MinuteOf(now);
        var workers = new HashSet<string>(StringComparer.Ordinal) { _own.Worker };
        var stretches = new List<CountedStretch>();
        // Ours first: what is forgotten after this is in the store and listed below.
        var own = new HashSet<long>();
        foreach (var minute in _own.Minutes)
        {
            var window = new TallyWindow();
            if (!_own.TryAdd(minute, window)) continue;
            own.Add(minute);
            stretches.Add(new CountedStretch(StartOfMinute(minute), false, TallyText.Write(window)));
        }

        try
        {
            var names = await ListAsync(cancellationToken).ConfigureAwait(false);
            foreach (var gone in _settled.Keys.Except(names).ToList()) _settled.Remove(gone);
            var folded = new HashSet<long>();
            foreach (var name in names)
            {
                if (!TallyPaths.TryHour(name, out var hour)) continue;
                folded.Add(hour);
                if (await SettledAsync(name, true, cancellationToken).ConfigureAwait(false) is not { } content) continue;
                stretches.Add(new CountedStretch(StartOf(hour), true, content));
            }

            foreach (var name in names)
            {
                if (!TallyPaths.TryMinute(name, out var minute, out var worker) || folded.Contains(minute / 60)) continue;
                if (minute >= current - 1) workers.Add(worker);
                if (worker == _own.Worker && own.Contains(minute)) continue;
                // A minute of ours that is over and no longer kept is in the store as it stays.
                var isSettled = minute < current - 15 || (minute < current && worker == _own.Worker);
                if (await SettledAsync(name, isSettled, cancellationToken).ConfigureAwait(false) is not { } content) continue;
                stretches.Add(new CountedStretch(StartOfMinute(minute), false, content));
            }

            return new TallyLook(now, workers.Count, true, stretches);
        }
        catch (LedgerStoreException)
        {
            return new TallyLook(now, workers.Count, false, stretches.Where(stretch => !stretch.IsHour).Take(own.Count).ToList());
        }
    }

    private async ValueTask<byte[]?> SettledAsync(string name, bool isSettled, CancellationToken cancellationToken)
    {
        if (_settled.TryGetValue(name, out var known)) return known;
        var content = await GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (content is not null && isSettled && _settled.Values.Sum(static bytes => (long)bytes.Length) + content.Length <= MaxCachedBytes)
        {
            _settled.Add(name, content);
        }

        return content;
    }

    // Null for what is gone meanwhile, and for what is damaged.
    private async ValueTask<byte[]?> GetAsync(string name, CancellationToken cancellationToken)
    {
        if (await _store.GetAsync(name, cancellationToken).ConfigureAwait(false) is not { } blob) return null;
        if (blob.Intact && TallyText.TryAdd(blob.Content.Span, null, new TallyWindow())) return blob.Content.ToArray();
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

    private static DateTimeOffset StartOfMinute(long minute) => DateTimeOffset.FromUnixTimeSeconds(minute * 60);
}
