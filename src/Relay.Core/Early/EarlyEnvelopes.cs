using Microsoft.Extensions.Logging;
using Relay.Core.Diagnostics;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Early;

/// <summary>
/// Keeps in memory what is further ahead of its stream than the ledger holds, and relays it when its turn comes. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Nothing is promised by being kept: a copy for later stands for each on its queue, comes back when it is due, and is a duplicate by then.
/// So a process that dies loses nothing but time, and memory may be given up whenever there is no room. Without this the copies alone came
/// back by the distance, which for a backlog in random order was a sixteenth of the rate of one in order.
/// </remarks>
public sealed class EarlyEnvelopes : IAsyncDisposable
{
    /// <summary>Bytes kept of all streams: 64 MiB.</summary>
    public const long MaxBytes = 64 * 1_024 * 1_024;

    /// <summary>Bytes kept of one stream: 16 MiB. Past it the farthest ones make room for nearer ones.</summary>
    public const long MaxBytesOfStream = MaxBytes / 4;

    /// <summary>
    /// A kept envelope's copy comes after this at least, and twice this at most; later the longer it is kept already. What an instance
    /// held when it died is missing for a lock's minute too.
    /// </summary>
    public static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(30);

    /// <summary>Longest way of one, as of any envelope off a queue: 10 s.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int MostAtOnce = 128;
    private const int MostRuns = 16;
    private const int LargestExponent = 6;
    private const int LargestSharedExponent = 11;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2.5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    // Where other workers commit to the same streams: what they have is waited for in steps of a commit, not of our patience.
    private static readonly TimeSpan SharedLook = TimeSpan.FromMilliseconds(8);
    private static readonly TimeSpan SharedFor = TimeSpan.FromSeconds(5);

    private readonly Func<EarlyEnvelope, CommitGathering, CancellationToken, ValueTask<Ruling>> _relay;
    private readonly TimeProvider _time;
    private readonly LedgerScheduler _scheduler;
    private readonly ILogger<EarlyEnvelopes> _logger;
    private readonly CancellationTokenSource _stopping = new();

    // Guards the fields below and the streams. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamId, EarlyStream> _streams = [];
    private readonly Queue<EarlyStream> _waiting = new();
    private Task? _watch;
    private bool _isStopping;
    private long _bytes;
    private int _running;
    private long _sharedUntil;

    /// <param name="relay">Takes one all the way, as if it came off its queue; the ruling settles nothing.</param>
    /// <param name="time">Clock of waits.</param>
    /// <param name="scheduler">Where it works.</param>
    /// <param name="logger">Log.</param>
    public EarlyEnvelopes(
        Func<EarlyEnvelope, CommitGathering, CancellationToken, ValueTask<Ruling>> relay,
        TimeProvider time,
        TaskScheduler scheduler,
        ILogger<EarlyEnvelopes> logger)
    {
        _relay = relay;
        _time = time;
        _scheduler = new LedgerScheduler(scheduler);
        _logger = logger;
    }

    /// <summary>Envelopes kept now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _streams.Values.Sum(static stream => stream.Count);
            }
        }
    }

    /// <summary>Keeps an envelope that its ruling says is early.</summary>
    /// <param name="ruling">What was decided; any.</param>
    /// <param name="wire">The envelope's bytes; copied.</param>
    /// <param name="traceParent">W3C trace parent; null for none.</param>
    /// <returns>The ruling, with the time in which a copy is to come; unchanged when it is not kept.</returns>
    public Ruling Keep(Ruling ruling, ReadOnlyMemory<byte> wire, string? traceParent)
    {
        ArgumentNullException.ThrowIfNull(ruling);
        if (ruling is not { Verdict: Verdict.HoldFull, Id: { } id, Next: { } next, ExpiresAt: { } expiresAt }) return ruling;
        lock (_gate)
        {
            if (_isStopping) return ruling;
            var stream = _streams.GetValueOrDefault(id.Stream) ?? new EarlyStream(id.Stream) { LookAt = After(Look) };
            Note(stream, next);
            if (ruling.Reach is { } reach) stream.Reach = reach;
            var kept = stream.Find(id.Sequence);
            if (kept is null)
            {
                if (!TryMakeRoom(stream, id.Sequence, wire.Length)) return ruling;
                kept = new EarlyEnvelope(id, wire.ToArray(), traceParent, expiresAt, _time.GetTimestamp());
                Change(stream, () => stream.Add(kept));
                _streams[id.Stream] = stream;
                _watch ??= _scheduler.StartAsync(WatchAsync);
            }

            if (stream.IsReady) Start(stream);
            var wait = _time.GetElapsedTime(kept.Since);
            wait = wait < LeastWait ? LeastWait : wait > LongestWait ? LongestWait : wait;
            return ruling with { RetryFrom = wait, RetryWithin = 2 * wait };
        }
    }

    /// <summary>Says that an envelope is in the ledger, and so what is next in its stream.</summary>
    public void Logged(EnvelopeId id)
    {
        lock (_gate)
        {
            if (!_streams.TryGetValue(id.Stream, out var stream)) return;
            Note(stream, id.Sequence + 1);
            if (stream.IsReady) Start(stream);
            else Forget(stream);
        }
    }

    /// <summary>Says where the streams of a negotiation stand, because other workers have committed to its ledger.</summary>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="state">As its newest head has it.</param>
    public void Moved(string negotiation, LedgerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        lock (_gate)
        {
            if (_streams.Count == 0 || _isStopping) return;
            foreach (var (sender, lane, last, _, _, _) in state.Streams)
            {
                if (!_streams.TryGetValue(new StreamId(negotiation, sender, lane), out var stream) || last < stream.Next) continue;
                stream.SharedUntil = _sharedUntil = After(SharedFor);
                Note(stream, last + 1);
                stream.IsToBeTried = true;
                if (stream.Count > 0) Start(stream);
                else Forget(stream);
            }
        }
    }

    /// <summary>Gives up all that is kept, and waits for what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Task> running;
        lock (_gate)
        {
            if (_isStopping) return;
            _isStopping = true;
            running = [.. _streams.Values.Select(static stream => stream.Run).Append(_watch).OfType<Task>()];
        }

        // Not CancelAsync, which hops to the thread pool.
        _stopping.Cancel();
        foreach (var run in running) await run.ConfigureAwait(false);
        _stopping.Dispose();
    }

    // Called under the gate, as all below up to the tasks.
    private void Note(EarlyStream stream, long next)
    {
        Change(stream, () =>
        {
            if (stream.Advance(next)) stream.LookAt = After(IsShared(stream) ? SharedLook : Look);
        });
    }

    private void Change(EarlyStream stream, Action change)
    {
        var before = stream.Bytes;
        change();
        _bytes += stream.Bytes - before;
    }

    private void Forget(EarlyStream stream)
    {
        if (stream is { Count: 0, Run: null, IsWaiting: false }) _streams.Remove(stream.Id);
    }

    private bool TryMakeRoom(EarlyStream stream, long sequence, int bytes)
    {
        while (stream.Bytes + bytes > MaxBytesOfStream && stream.Farthest is { } farthest && farthest.Id.Sequence > sequence)
        {
            Change(stream, () => stream.Remove(farthest));
        }

        return stream.Bytes + bytes <= MaxBytesOfStream && _bytes + bytes <= MaxBytes;
    }

    private void Start(EarlyStream stream)
    {
        if (_isStopping || stream.Run is not null || stream.IsWaiting) return;
        if (_running >= MostRuns)
        {
            stream.IsWaiting = true;
            _waiting.Enqueue(stream);
            return;
        }

        _running++;
        stream.Run = _scheduler.StartAsync(() => RunAsync(stream));
    }

    private List<EarlyEnvelope> TakeOrEnd(EarlyStream stream)
    {
        var next = _isStopping ? [] : stream.Take(MostAtOnce);
        if (next.Count > 0) return next;
        stream.Run = null;
        _running--;
        Forget(stream);
        if (_waiting.TryDequeue(out var other))
        {
            other.IsWaiting = false;
            Start(other);
        }

        return next;
    }

    private async Task RunAsync(EarlyStream stream)
    {
        while (true)
        {
            List<EarlyEnvelope> next;
            long before;
            bool isTry;
            lock (_gate)
            {
                (before, isTry) = (stream.Next, !stream.IsReady);
                next = TakeOrEnd(stream);
            }

            if (next.Count == 0) return;
            await RelayAsync(stream, next).ConfigureAwait(false);
            lock (_gate)
            {
                stream.IsHeldUp = stream.Next == before && stream.IsReady;
                // Another worker's commits have brought it on: there may be more to do for what is here.
                stream.IsToBeTried |= (isTry || IsShared(stream)) && stream.Next > before;
            }
        }
    }

    private async Task RelayAsync(EarlyStream stream, List<EarlyEnvelope> next)
    {
        List<Task> relays;
        using (var gathering = new CommitGathering())
        {
            relays = next.ConvertAll(envelope => RelayAsync(stream, envelope, gathering));
        }

        await Task.WhenAll(relays).ConfigureAwait(false);
    }

    private async Task RelayAsync(EarlyStream stream, EarlyEnvelope envelope, CommitGathering gathering)
    {
        var isToBeKept = false;
        long? next = null;
        try
        {
            var ruling = await _relay(envelope, gathering, _stopping.Token).ConfigureAwait(false);
            isToBeKept = VerdictTable.For(ruling.Verdict).Settlement == SettlementAction.Retry || ruling.Verdict == Verdict.RateLimited;
            next = ruling.Next;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
#pragma warning disable CA1031 // The run must go on for the others; the copy on the queue stands for this one.
        catch (Exception e)
#pragma warning restore CA1031
        {
            RelayLog.EarlyFailed(_logger, envelope.Id.ToString(), e);
        }

        lock (_gate)
        {
            if (!isToBeKept) Change(stream, () => stream.Remove(envelope));
            if (next is { } known) Note(stream, known);
        }
    }

    // Another worker may have what comes next, and its commits tell nobody here; and what failed is to be tried again.
    private async Task WatchAsync()
    {
        while (true)
        {
            var wait = _time.GetTimestamp() < Volatile.Read(ref _sharedUntil) ? SharedLook : Look;
            await LedgerScheduler.PauseAsync(wait, _time, _stopping.Token).ConfigureAwait(false);
            lock (_gate)
            {
                if (_streams.Count == 0 || _isStopping)
                {
                    _watch = null;
                    return;
                }

                LookAtAll();
            }
        }
    }

    private void LookAtAll()
    {
        var (now, utcNow) = (_time.GetTimestamp(), _time.GetUtcNow());
        var looked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stream in _streams.Values.ToList())
        {
            Change(stream, () => stream.Expire(utcNow));
            if (stream.Run is null && !stream.IsWaiting && stream.LookAt <= now) LookAt(stream, looked);
            Forget(stream);
        }
    }

    private void LookAt(EarlyStream stream, HashSet<string> looked)
    {
        var isShared = IsShared(stream);
        var wait = isShared
            ? SharedLook * (1 << Math.Min(stream.Fruitless++, LargestSharedExponent))
            : Look * (1 << Math.Min(stream.Fruitless++, LargestExponent));
        stream.LookAt = After(wait);
        // One look brings the head, and that tells of all the others.
        if (isShared && !looked.Add(stream.Id.Negotiation)) return;
        stream.IsHeldUp = false;
        stream.IsToBeLookedAt = true;
        Start(stream);
    }

    private bool IsShared(EarlyStream stream) => _time.GetTimestamp() < stream.SharedUntil;

    private long After(TimeSpan wait) => _time.GetTimestamp() + (long)(wait.TotalSeconds * _time.TimestampFrequency);
}
